//! Sessions of the language server as data, over an in-memory connection: what a client says, and what comes back.

#![cfg(feature = "lsp")]

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use vodflow::lsp::{Ended, serve};
use vodflow::world::{ImportError, ImportedText, World};

/// A disk of two files.
struct Disk(BTreeMap<String, String>);

impl World for Disk {
    fn read_import(&self, from: &str, path: &str) -> Result<ImportedText, ImportError> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = format!("{folder}/{path}");
        let text = self.0.get(&name).ok_or(ImportError::NotFound)?;
        Ok(ImportedText { text: text.clone(), name })
    }
}

/// A client on the other end of a connection to a server of its own.
struct Client {
    connection: Connection,
    server: thread::JoinHandle<Ended>,
    requests: i32,
}

impl Client {
    fn start(disk: &BTreeMap<String, String>) -> Client {
        let (client, gate) = Client::waiting(disk);
        gate.send(()).expect("the server waits");
        client
    }

    /// A client whose server starts to read when the gate is opened.
    fn waiting(disk: &BTreeMap<String, String>) -> (Client, mpsc::Sender<()>) {
        let (server, client) = Connection::memory();
        let (gate, opened) = mpsc::channel();
        let disk = disk.clone();
        let server = thread::spawn(move || {
            opened.recv().expect("the gate opens");
            serve(&server, &|_| Box::new(Disk(disk.clone())) as Box<dyn World>)
        });
        (Client { connection: client, server, requests: 0 }, gate)
    }

    fn send(&self, message: impl Into<Message>) {
        self.connection.sender.send(message.into()).expect("the server listens");
    }

    fn request(&mut self, method: &str, params: Value) -> RequestId {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.send(Request::new(id.clone(), method.to_owned(), params));
        id
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params));
    }

    /// The next message; a server that says nothing for long is a failed test.
    fn hear(&self) -> Message {
        self.connection.receiver.recv_timeout(Duration::from_secs(60)).expect("the server says something")
    }

    /// The answer to a request; what comes before it is dropped.
    fn answer(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.request(method, params);
        self.answer_to(&id)
    }

    fn answer_to(&self, id: &RequestId) -> Result<Value, Value> {
        loop {
            if let Message::Response(Response { id: answered, response_result }) = self.hear()
                && answered == *id
            {
                return response_result.map_err(|error| json!({ "code": error.code, "message": error.message }));
            }
        }
    }

    /// The diagnostics of a version of a document; others are dropped.
    fn diagnostics(&self, uri: &str, version: i64) -> Vec<Value> {
        loop {
            if let Message::Notification(heard) = self.hear()
                && heard.method == "textDocument/publishDiagnostics"
                && heard.params["uri"] == uri
                && heard.params["version"] == version
            {
                return heard.params["diagnostics"].as_array().cloned().unwrap_or_default();
            }
        }
    }

    fn initialize(&mut self, encodings: &[&str]) -> Value {
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "textDocument": {
                "completion": { "completionItem": { "snippetSupport": true } },
                "hover": { "contentFormat": ["markdown"] },
                "publishDiagnostics": { "relatedInformation": true },
            },
        });
        let greeting =
            self.answer("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        self.notify("initialized", json!({}));
        greeting.expect("the server greets")
    }

    fn open(&self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "vod", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&self, uri: &str, version: i64, changes: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    fn finish(mut self) -> Ended {
        assert_eq!(self.answer("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        self.server.join().expect("the server does not panic")
    }
}

const FILE: &str = "file:///videos/publish.vod";

fn place(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().filter_map(|one| one["code"].as_str()).collect()
}

fn labels(items: &Value) -> Vec<&str> {
    items.as_array().into_iter().flatten().filter_map(|item| item["label"].as_str()).collect()
}

#[test]
fn positions_are_counted_as_negotiated() {
    for (offered, agreed, character) in
        [(&["utf-16", "utf-8"][..], "utf-8", 51), (&["utf-16"][..], "utf-16", 41), (&[][..], "utf-16", 41)]
    {
        let mut client = Client::start(&BTreeMap::new());
        let greeting = client.initialize(offered);
        assert_eq!(greeting["capabilities"]["positionEncoding"], agreed);
        // The mistake stands behind Chinese letters and an emoji.
        client.open(FILE, "procedure 发布 { /* 高清 😀 */ transcode 10, nothing }");
        let found = client.diagnostics(FILE, 1);
        assert_eq!(codes(&found), ["E0203"]);
        assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": character }), "{agreed}");
        // An edit right there, in the same way of counting.
        let range = json!({
            "start": { "line": 0, "character": character }, "end": { "line": 0, "character": character + 7 },
        });
        client.change(FILE, 2, json!([{ "range": range, "text": "20" }]));
        assert_eq!(codes(&client.diagnostics(FILE, 2)), [] as [&str; 0]);
        assert_eq!(client.finish(), Ended::AsAgreed);
    }
}

#[test]
fn diagnostics_have_version_code_link_and_further_places() {
    let mut client = Client::start(&BTreeMap::new());
    client.initialize(&["utf-8"]);
    client.open(FILE, "template transcode a { container: mp4 }\ntemplate transcode a { container: hls }\n");
    let found = client.diagnostics(FILE, 1);
    assert_eq!(codes(&found), ["E0202"]);
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["source"], "vodflow");
    assert_eq!(found[0]["relatedInformation"][0]["location"]["range"]["start"], json!({ "line": 0, "character": 19 }));
    let link = found[0]["codeDescription"]["href"].as_str().expect("a link");
    assert!(link.contains("E0202"), "{link}");
    let page = client.answer("workspace/textDocumentContent", json!({ "uri": link })).expect("a page");
    assert!(page["text"].as_str().is_some_and(|text| text.starts_with("# E0202")), "{page}");
    client.change(FILE, 2, json!([{ "text": "procedure p { transcode 10, 10 }" }]));
    let found = client.diagnostics(FILE, 2);
    assert_eq!(codes(&found), ["W0215"]);
    assert_eq!(found[0]["tags"], json!([1]), "what has no effect is unnecessary");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": FILE } }));
    let Message::Notification(heard) = client.hear() else { panic!("diagnostics are taken back") };
    assert_eq!(heard.params["diagnostics"], json!([]));
    assert_eq!(client.finish(), Ended::AsAgreed);
}

#[test]
fn features_answer_in_the_words_of_the_protocol() {
    let mut client = Client::start(&BTreeMap::new());
    client.initialize(&["utf-8"]);
    client.open(FILE, "template transcode hd { extends: 100030 }\nprocedure p { transcode hdd }\np()\n");
    client.diagnostics(FILE, 1);
    let hover = client.answer("textDocument/hover", place(FILE, 0, 36)).expect("a hover");
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("HD, H.264 in MP4")), "{hover}");
    let items = client.answer("textDocument/completion", place(FILE, 1, 24)).expect("completions");
    assert_eq!(labels(&items)[..2], ["hd", "default"]);
    assert_eq!(items[0]["textEdit"]["range"]["end"], json!({ "line": 1, "character": 24 }));
    let actions = json!({
        "textDocument": { "uri": FILE }, "context": { "diagnostics": [] },
        "range": { "start": { "line": 1, "character": 25 }, "end": { "line": 1, "character": 25 } },
    });
    let actions = client.answer("textDocument/codeAction", actions).expect("actions");
    assert_eq!(actions[0]["title"], "replace `hdd` by `hd`");
    assert_eq!(actions[0]["edit"]["changes"][FILE][0]["newText"], "hd");
    assert_eq!(actions[1]["kind"], "source.fixAll.vodflow");
    client.change(FILE, 2, actions_as_changes(&actions[0]));
    assert_eq!(codes(&client.diagnostics(FILE, 2)), [] as [&str; 0]);
    let definition = client.answer("textDocument/definition", place(FILE, 1, 25)).expect("a definition");
    assert_eq!(definition["range"]["start"], json!({ "line": 0, "character": 19 }));
    let catalog = client.answer("textDocument/definition", place(FILE, 0, 36)).expect("a definition");
    assert_eq!(catalog["uri"], "catalog:transcode.vod");
    let text =
        client.answer("workspace/textDocumentContent", json!({ "uri": "catalog:transcode.vod" })).expect("a text");
    assert!(text["text"].as_str().is_some_and(|text| text.contains("transcode-100030")));
    let symbols = client.answer("textDocument/documentSymbol", json!({ "textDocument": { "uri": FILE } }));
    let symbols = symbols.expect("symbols");
    let names: Vec<&str> = symbols.as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["hd", "p", "p"]);
    let mut rename = place(FILE, 1, 25);
    rename["newName"] = json!("完整 版");
    let renamed = client.answer("textDocument/rename", rename).expect("edits");
    let texts = renamed["changes"][FILE].as_array().cloned().unwrap_or_default();
    assert_eq!(texts.len(), 2, "{renamed}");
    assert_eq!(texts[0]["newText"], "\"完整 版\"");
    let mut taken = place(FILE, 1, 25);
    taken["newName"] = json!("p");
    let refused = client.answer("textDocument/rename", taken).expect_err("a name that is taken");
    assert_eq!(refused, json!({ "code": -32803, "message": "`p` is declared already" }));
    assert_eq!(client.finish(), Ended::AsAgreed);
}

#[test]
fn a_layout_touches_only_the_lines_that_change() {
    let mut client = Client::start(&BTreeMap::new());
    client.initialize(&["utf-16"]);
    client.open(FILE, "// 高清 😀\nprocedure p {\ntranscode   10\n}\n");
    client.diagnostics(FILE, 1);
    let asked = json!({ "textDocument": { "uri": FILE }, "options": { "tabSize": 2, "insertSpaces": false } });
    let edits = client.answer("textDocument/formatting", asked.clone()).expect("edits");
    let lines = json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 3, "character": 0 } });
    assert_eq!(edits, json!([{ "range": lines, "newText": "    transcode 10\n" }]));
    client.change(FILE, 2, json!([{ "range": lines, "text": "    transcode 10\n" }]));
    client.diagnostics(FILE, 2);
    assert_eq!(client.answer("textDocument/formatting", asked), Ok(json!([])));
    assert_eq!(client.finish(), Ended::AsAgreed);
}

/// The edits of an action as changes of the document.
fn actions_as_changes(action: &Value) -> Value {
    let edits = action["edit"]["changes"][FILE].as_array().cloned().unwrap_or_default();
    edits.iter().map(|edit| json!({ "range": edit["range"], "text": edit["newText"] })).collect()
}

#[test]
fn open_documents_go_before_the_disk() {
    let brand = "file:///videos/brand.vod";
    let disk = BTreeMap::from([(
        "/videos/brand.vod".to_owned(),
        "template watermark logo { image: \"logo.png\" }".to_owned(),
    )]);
    let mut client = Client::start(&disk);
    client.initialize(&["utf-8"]);
    client.open(FILE, "import \"brand.vod\"\nprocedure p { transcode 10 with logo }");
    assert_eq!(codes(&client.diagnostics(FILE, 1)), [] as [&str; 0], "from the disk");
    client.open(brand, "template watermark mark { image: \"logo.png\" }");
    assert_eq!(codes(&client.diagnostics(FILE, 1)), ["E0203"], "from the open document");
    client.change(brand, 2, json!([{ "text": "template watermark logo { image: \"logo.png\" }" }]));
    assert_eq!(codes(&client.diagnostics(FILE, 1)), [] as [&str; 0], "after its change");
    let definition = client.answer("textDocument/definition", place(FILE, 1, 33)).expect("a definition");
    assert_eq!(definition["uri"], brand);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": brand } }));
    assert_eq!(codes(&client.diagnostics(FILE, 1)), [] as [&str; 0], "from the disk again");
    assert_eq!(client.finish(), Ended::AsAgreed);
}

#[test]
fn a_request_that_was_cancelled_in_time_is_not_answered() {
    // All of this lies in the queue before the server reads it: nothing depends on who is faster.
    let (mut client, gate) = Client::waiting(&BTreeMap::new());
    client.request("initialize", json!({ "capabilities": {} }));
    client.notify("initialized", json!({}));
    client.open(FILE, "procedure p { transcode 10 }");
    let cancelled = client.request("textDocument/hover", place(FILE, 0, 16));
    let kept = client.request("textDocument/hover", place(FILE, 0, 16));
    client.notify("$/cancelRequest", json!({ "id": cancelled }));
    client.notify("$/cancelRequest", json!({ "id": "never sent" }));
    gate.send(()).expect("the server waits");
    let error = client.answer_to(&cancelled).expect_err("it was cancelled");
    assert_eq!(error["code"], -32800);
    assert!(client.answer_to(&kept).is_ok_and(|hover| hover["contents"]["kind"] == "plaintext"));
    assert_eq!(client.finish(), Ended::AsAgreed);
}

#[test]
fn what_is_not_known_or_not_ours_is_answered_politely() {
    let mut client = Client::start(&BTreeMap::new());
    let early = client.answer("textDocument/hover", place(FILE, 0, 0)).expect_err("too early");
    assert_eq!(early["code"], -32002);
    client.initialize(&["utf-8"]);
    let unknown = client.answer("textDocument/colorPresentation", json!({})).expect_err("unknown");
    assert_eq!(unknown["code"], -32601);
    let broken = client.answer("textDocument/hover", json!({ "position": 3 })).expect_err("no place");
    assert_eq!(broken["code"], -32602);
    client.notify("textDocument/didOpen", json!("nonsense"));
    client.notify("workspace/didChangeSomething", json!({}));
    // Procedures in JSON and Lua are not read yet; neither is a document that was never opened.
    let json_file = "file:///videos/flow.json";
    let document = json!({ "uri": json_file, "languageId": "json", "version": 1, "text": "{" });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    assert_eq!(client.answer("textDocument/hover", place(json_file, 0, 0)), Ok(Value::Null));
    assert_eq!(client.answer("textDocument/completion", place(FILE, 9, 9)), Ok(Value::Null));
    client.open(FILE, "");
    assert!(
        client.answer("textDocument/completion", place(FILE, 9, 9)).is_ok_and(|items| labels(&items)[0] == "template")
    );
    assert_eq!(client.answer("shutdown", Value::Null), Ok(Value::Null));
    let late = client.answer("textDocument/hover", place(FILE, 0, 0)).expect_err("too late");
    assert_eq!(late["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.server.join().expect("no panic"), Ended::AsAgreed);
}

#[test]
fn an_exit_without_shutdown_is_abrupt() {
    let mut client = Client::start(&BTreeMap::new());
    client.initialize(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.server.join().expect("no panic"), Ended::Abruptly);
    let client = Client::start(&BTreeMap::new());
    drop(client.connection);
    assert_eq!(client.server.join().expect("no panic"), Ended::Abruptly, "a client that goes away");
}
