//! Every spelling of a preset call that was seen in documents and code, and what it means.

use vodflow::driver::Compiler;
use vodflow::explain::hir_text;

/// The codes of the diagnostics, and the tasks on one line.
fn meaning(compiler: &Compiler, call: &str) -> String {
    let checked = compiler.check_call(call);
    let codes: Vec<&str> = checked.diagnostics.iter().map(|problem| problem.code.id).collect();
    let tasks = checked.procedure.map(|procedure| hir_text(&procedure).trim_end().replace('\n', "; "));
    match (codes.is_empty(), tasks) {
        (true, Some(tasks)) => tasks,
        (false, Some(tasks)) => format!("{} | {tasks}", codes.join(" ")),
        (_, None) => codes.join(" "),
    }
}

#[test]
fn every_spelling_means_what_the_documents_say() {
    let compiler = Compiler::new();
    let nine = "transcode 10 with default; transcode 20 with default; transcode 30 with default; \
                transcode 210 with default; transcode 220 with default; transcode 230 with default; \
                transcode 10046 with default; transcode 10047 with default; transcode 10048 with default";
    let all = "cover at 0s using 10; sample using 10";
    let with_all = |first: &str| format!("{first}; {all}");
    let table = [
        ("QCVB_SimpleProcessFile()", ""),
        ("QCVB_SimpleProcessFile", ""),
        ("QCVB_SimpleProcessFile(1)", "transcode default"),
        ("QCVB_SimpleProcessFile(1,1)", "transcode default with default"),
        ("QCVB_SimpleProcessFile(1, 1)", "transcode default with default"),
        ("QCVB_SimpleProcessFile(1,1,0)", "transcode default with default"),
        ("QCVB_SimpleProcessFile(0,0,0)", ""),
        ("QCVB_SimpleProcessFile(0, 0, 10)", "cover at 0s using 10"),
        ("QCVB_SimpleProcessFile(1,0,10,0)", "transcode default; cover at 0s using 10"),
        ("QCVB_SimpleProcessFile(1,0,0,0)", "transcode default"),
        ("QCVB_SimpleProcessFile(1, 1, 10, 10)", &with_all("transcode default with default")),
        ("QCVB_SimpleProcessFile(1,1,1,1)", "E0203 E0203"),
        ("QCVB_SimpleProcessFile(10,1,10,10)", &with_all("W0217 | transcode 10 with default")),
        ("QCVB_SimpleProcessFile(30,1,10,10)", &with_all("W0217 | transcode 30 with default")),
        // No system watermark has an id: 10 and 150 are templates of an account.
        ("QCVB_SimpleProcessFile({210,220}, 10, 10, 10)", "E0203"),
        ("QCVB_SimpleProcessFile({10, 20}, 150, 10, 10)", "E0203"),
        ("QCVB_SimpleProcessFile({10,20},150,10,10)", "E0203"),
        ("QCVB_SimpleProcessFile({210})", "transcode 210"),
        ("QCVB_SimpleProcessFile({30},0,10,10)", &with_all("transcode 30")),
        ("QCVB_SimpleProcessFile({20,30},150,10,10)", "E0203"),
        ("QCVB_SimpleProcessFile({10,20,30,210,220,230,10046,10047,10048},1,0,0)", nine),
        ("QCVB_SimpleProcessFile({1,1,1,1})", "E0214"),
        ("QCVB_ProcessUGCFile({10,20},150,10,10)", "E0203"),
        ("QCVB_ProcessUGCFile(0,0,0,10)", "review using 10"),
        ("QCVB_ProcessUGCFile(0, 0, 0, 20)", "review using 20"),
        ("QCVB_ProcessUGCFile([10,20], 0, 0, 10)", "W0108 | review using 10; transcode 10; transcode 20"),
        ("MyFirstProcedure", "E0205"),
        ("MyFirstProcedure(5)", "E0205"),
        ("SomeProcedure", "E0205"),
        ("rwl_ptzm", "E0205"),
        ("LongVideoPreset", "adaptive 10; sprite using 10; cover at 0s using 10"),
        ("avatarDeliveryHLS", "E0205"),
        ("我的流程", "E0205"),
        ("my-flow", "E0205"),
        ("QCVB_ConvertAndReplace", "E0205"),
        ("QCVB_SimpleProcessFile%28%7B10%2C20%7D%2C0%2C10%2C10%29", &with_all("transcode 10; transcode 20")),
    ];
    for (call, expected) in table {
        assert_eq!(meaning(&compiler, call), expected, "{call}");
    }
}

#[test]
fn what_lua_allows_and_what_it_means() {
    let compiler = Compiler::new();
    let table = [
        ("QCVB_SimpleProcessFile(nil, nil, 10)", "cover at 0s using 10"),
        ("QCVB_SimpleProcessFile({0xA; 20;})", "transcode 10; transcode 20"),
        ("QCVB_SimpleProcessFile({2e1})", "transcode 20"),
        (" QCVB_SimpleProcessFile (\n 1 ,\n 0 ) ", "transcode default"),
        ("QCVB_SimpleProcessFile({})", ""),
        ("QCVB_SimpleProcessFile({10,10})", "W0215 | transcode 10"),
        ("QCVB_SimpleProcessFile({1})", "E0213"),
        ("QCVB_SimpleProcessFile({10,1})", "E0214"),
        ("QCVB_SimpleProcessFile({10,1},0)", "E0213"),
        ("QCVB_SimpleProcessFile({{10,20},1,10,10})", "E0214"),
        ("QCVB_SimpleProcessFile(1,0,0,0,10)", "E0208"),
        ("QCVB_SimpleProcessFile({-10})", "E0303"),
        ("QCVB_SimpleProcessFile({1.5})", "E0303"),
        ("QCVB_SimpleProcessFile({0})", "E0303"),
        ("QCVB_SimpleProcessFile({41})", "E0203"),
        ("QCVB_SimpleProcessFile(0,1)", "W0307 | "),
        ("QCVB_SimpleProcessFile('10')", "E0301"),
        ("QCVB_SimpleProcessFile(true)", "E0301"),
        ("QCVB_SimpleProcessFile({a=10})", "E0301"),
        ("QCVB_SimpleProcessFile([[10]])", "E0301"),
        ("QCVB_SimpleProcessFile(1,1", "E0101"),
        ("QCVB_SimpleProcessFile(1 1)", "E0101"),
        ("QCVB_SimpleProcessFile（1，0）", "E0106 E0106 E0106"),
        ("qcvb_simpleprocessfile(1)", "E0205"),
        ("", "E0101"),
        ("QCVB_SimpleProcessFile({210},0,0,210)", "E0203"),
    ];
    for (call, expected) in table {
        assert_eq!(meaning(&compiler, call), expected, "{call}");
    }
}
