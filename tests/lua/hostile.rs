//! Scripts that want out, never end, or eat memory: each ends in one diagnostic, and nothing else happens.

use std::process::Command;
use std::time::{Duration, Instant};

/// Name, code, line and text of every script of `hostile.txt`.
fn scripts() -> Vec<(String, String, u64, String)> {
    let text = std::fs::read_to_string("tests/lua/hostile.txt").expect("the scripts");
    let one = |part: &str| {
        let (head, text) = part.split_once('\n')?;
        let mut words = head.split(' ').map(str::to_owned);
        Some((words.next()?, words.next()?, words.next()?.parse().ok()?, text.to_owned()))
    };
    text.split("== ").skip(1).map(|part| one(part).expect("a name, a code and a line")).collect()
}

/// What a hostile script may take at most; far more than any does, so that a busy machine passes.
const LONGEST: Duration = Duration::from_secs(60);

#[test]
fn every_hostile_script_ends_in_one_diagnostic_within_64_mebibytes() {
    let scripts = scripts();
    assert!(scripts.len() >= 40, "{} scripts", scripts.len());
    let mut problems = Vec::new();
    for (name, code, line, text) in scripts {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("s.lua"), text).expect("a script");
        let start = Instant::now();
        // The limit is on the data of the whole process, the compiler's included.
        let command = format!("ulimit -d 65536; exec '{}' check s.lua --format json", env!("CARGO_BIN_EXE_vodflow"));
        let output = Command::new("sh").args(["-c", &command]).current_dir(&folder).output().expect("a shell");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let found: Vec<String> = document["diagnostics"]
            .as_array()
            .map(|all| {
                all.iter().map(|one| format!("{} {}", one["code"].as_str().unwrap_or("-"), one["line"])).collect()
            })
            .unwrap_or_else(|| vec![String::from_utf8_lossy(&output.stderr).into_owned()]);
        if found != [format!("{code} {line}")] || output.status.code() != Some(3) {
            problems.push(format!("{name}: {:?} {found:?}", output.status));
        }
        let left: Vec<_> =
            std::fs::read_dir(&folder).expect("the folder").flatten().map(|file| file.file_name()).collect();
        if left != ["s.lua"] {
            problems.push(format!("{name} left {left:?}"));
        }
        assert!(start.elapsed() < LONGEST, "{name} hangs");
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The globals of Lua 5.1 that a script has, and ours; `*` is everything in a table.
const KNOWN: &str = "_G _VERSION assert coroutine error getmetatable ipairs math next pairs pcall rawequal rawget \
    rawset select setmetatable string table tonumber tostring type unpack xpcall \
    string.byte string.char string.find string.format string.gmatch string.gsub string.len string.lower string.match \
    string.rep string.reverse string.sub string.upper table.concat table.insert table.maxn table.remove table.sort \
    coroutine.create coroutine.resume coroutine.running coroutine.status coroutine.wrap coroutine.yield \
    math.abs math.acos math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp math.floor \
    math.fmod math.frexp math.huge math.ldexp math.log math.log10 math.max math.min math.modf math.pi math.pow \
    math.rad math.sin math.sinh math.sqrt math.tan math.tanh \
    File NewProcedureClass BaseProcedure BaseProcedure.* ProcessActionSet ProcessActionSet.* TranscodeAction \
    TranscodeAction.* SampleSnapshotAction SampleSnapshotAction.* SnapshotByTimeOffsetAction \
    SnapshotByTimeOffsetAction.* CoverBySnapshotAction CoverBySnapshotAction.* ImageSpriteAction ImageSpriteAction.* \
    AnimatedGraphicsAction AnimatedGraphicsAction.* AdaptiveDynamicStreamingAction \
    AdaptiveDynamicStreamingAction.* AiReviewAction AiReviewAction.* ManualReviewAction ManualReviewAction.*";

/// What a script can reach is on a list; everything else does not exist for it.
#[test]
fn the_globals_of_a_script_are_those_of_the_list() {
    let (_, facts) = &vodflow::driver::assumed_sources()[1];
    let text = format!(
        "local known, strange = {{}}, {{}}\nfor name in string.gmatch([[{KNOWN}]], '%S+') do known[name] = true end\n\
         local function look(prefix, t)\n  for name, value in pairs(t) do\n    local whole = prefix .. name\n\
         if not known[whole] and not known[prefix .. '*'] then strange[#strange + 1] = whole end\n\
         if type(value) == 'table' and value ~= _G and prefix == '' then look(name .. '.', value) end\n  end\nend\n\
         look('', _G)\ntable.sort(strange)\nerror('strange:' .. table.concat(strange, ' '), 0)\n"
    );
    let checked = super::check(&vodflow::driver::Compiler::new(), &super::script(&text, None), facts);
    let said: Vec<String> = checked.diagnostics.iter().map(|problem| problem.message.to_string()).collect();
    assert_eq!(said, ["the script ends with an error: strange:"]);
    for name in
        ["io", "os", "debug", "require", "load", "loadstring", "dofile", "getfenv", "print", "newproxy", "buffer"]
    {
        let text = format!("error(type({name}) .. type(_G.{name}) .. type(rawget(_G, '{name}')), 0)");
        let checked = super::check(&vodflow::driver::Compiler::new(), &super::script(&text, None), facts);
        let said: Vec<String> = checked.diagnostics.iter().map(|problem| problem.message.to_string()).collect();
        assert!(said[0].contains("nilnilnil") || said[0].contains("does not exist"), "{name}: {said:?}");
    }
    for name in
        ["math.random", "math.randomseed", "string.dump", "string.pack", "string.split", "table.move", "table.create"]
    {
        let text = format!("error(type({name}), 0)");
        let checked = super::check(&vodflow::driver::Compiler::new(), &super::script(&text, None), facts);
        let said: Vec<String> = checked.diagnostics.iter().map(|problem| problem.message.to_string()).collect();
        assert_eq!(said, ["the script ends with an error: nil"], "{name}");
    }
}

/// Texts that would exhaust a parser, a compiler or a stack: the interpreter's own limits hold, and are told once.
#[test]
fn a_text_that_is_deep_is_no_script() {
    let (_, facts) = &vodflow::driver::assumed_sources()[1];
    let around = |open: &str, middle: &str, close: &str, times| open.repeat(times) + middle + &close.repeat(times);
    let table = [
        around("(", "1", ")", 50_000),
        around("{", "", "}", 50_000),
        around("function() return ", "1", " end", 9_000),
        around("do ", "", "end ", 30_000),
        format!("local x = 1{}", "+1".repeat(100_000)),
        format!("local x = a{}", ".b".repeat(100_000)),
        format!("if a then {}end", "elseif a then ".repeat(15_000)),
        format!("return {}1", "not ".repeat(60_000)),
        format!("--[[{}", "x".repeat(200_000)),
    ];
    for text in table {
        let checked = super::check(&vodflow::driver::Compiler::new(), &super::script(&text, None), facts);
        let codes: Vec<&str> = checked.diagnostics.iter().map(|problem| problem.code.id).collect();
        assert_eq!(codes, ["E0101"], "{}", &text[..20]);
    }
}

/// The order of `pairs`, and so of actions, is the same in every run.
#[test]
fn a_script_always_ends_in_the_same_way() {
    let (_, facts) = &vodflow::driver::assumed_sources()[1];
    let text = "local C = NewProcedureClass()\nfunction C:handleProcess()\n  local set = ProcessActionSet:new()\n\
                for _, id in pairs({ a = 10, b = 20, ['高清'] = 30, c = 40, [5] = 210, d = 220 }) do\n\
                local t = TranscodeAction:new() t:addTranscodeDefinition(id) set:addAction(t)\n  end\n  return set\nend\n\
                function CreateProcedure() return C:new() end\n";
    let run = || {
        let checked = super::check(&vodflow::driver::Compiler::new(), &super::script(text, None), facts);
        vodflow::explain::hir_text(&checked.procedure.expect("a procedure"))
    };
    let first = run();
    assert_eq!(first.lines().count(), 6);
    for _ in 0..8 {
        assert_eq!(run(), first);
    }
}
