//! Where standard input and output of programs come from and go to: pipes, files, what is closed, what others read
//! next, and who has none.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    io::Read,
    process::{Command, Stdio},
};

use crate::common::{Folder, Running, Said, drupe, has_node20, run, run_with};
use rustix::process::Signal;

/// Runs a line of bash, in which `$D` is `drupe` and `$P` a program.
fn bash(folder: &Folder, code: &str, line: &str) -> Said {
    let program = folder.write("program.mjs", code);
    let output = Command::new("bash")
        .args(["-c", line])
        .env("D", env!("CARGO_BIN_EXE_drupe"))
        .env("P", program.file_name().unwrap())
        .env("DRUPE_HISTORY", "")
        .current_dir(&folder.0)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

const COUNT: &str = "let bytes = 0; for await (const chunk of process.stdin) bytes += chunk.length; console.log(bytes);";

#[test]
fn what_is_not_read_is_left_for_who_reads_next() {
    let folder = Folder::new("left");
    folder.write("file", "one\ntwo\n");
    for code in ["console.log(1)", "process.stdin.on('error', () => {}); console.log(1)"] {
        let said = bash(&folder, code, "($D run $P; cat) < file; cat file | ($D run $P; cat)");
        assert_eq!((said.out.as_str(), said.err.as_str()), ("1\none\ntwo\n1\none\ntwo\n", ""), "{code}");
    }
    let said = bash(&folder, "import { readSync } from 'node:fs'; readSync(0, Buffer.alloc(4))", "($D run $P; cat) < file");
    assert_eq!(said.out, "two\n");
    // A read that was given up has taken nothing.
    let code = "process.stdin.on('data', () => {}); setTimeout(() => { process.stdin.pause(); console.log('paused'); }, 50);";
    let said = bash(&folder, code, "mkfifo q; (read go < q; echo later) | ($D run $P; echo > q; cat)");
    assert_eq!(said.out, "paused\nlater\n");
}

#[test]
fn closed_streams_are_empty_and_hold_nobody_up() {
    let folder = Folder::new("closed");
    let said = bash(&folder, COUNT, "$D run $P <&-");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "0\n"));
    let said = bash(&folder, "console.log(process.stdin.isTTY)", "$D run $P <&- >&-; echo $?");
    assert_eq!(said.out, "0\n");
}

#[test]
fn a_socket_is_read() {
    let folder = Folder::new("socket");
    let program = folder.write("program.mjs", COUNT);
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let theirs: std::os::fd::OwnedFd = theirs.into();
    let child = drupe(&["run", program.to_str().unwrap()]).stdin(theirs).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut &ours, &[7; 200_000]).unwrap();
    drop(ours);
    assert_eq!(child.wait_with_output().unwrap().stdout, b"200000\n");
}

#[test]
fn large_inputs_wait_for_their_reader() {
    let folder = Folder::new("large");
    let said = bash(&folder, COUNT, "head -c 30000000 /dev/zero | $D run $P");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "30000000\n"));
    // What is read ahead is bounded: the writer waits.
    let code = "process.stdin.once('readable', () => { process.stdin.read(1); setTimeout(() => { console.log(process.stdin.readableLength < 300000); process.exit(); }, 100); });";
    let said = bash(&folder, code, "head -c 30000000 /dev/zero | (trap '' PIPE; $D run $P; wc -c)");
    let (read, rest) = said.out.trim().split_once('\n').unwrap();
    assert_eq!(read, "true");
    assert!(rest.trim().parse::<u64>().unwrap() > 29_000_000, "{rest}");
}

#[test]
fn a_program_comes_by_a_pipe_and_reads_the_pipes_of_the_shell() {
    let folder = Folder::new("pipes");
    let code = "import { readFileSync } from 'node:fs'; console.log(process.argv.slice(2).map((file) => readFileSync(file, 'utf8')).join(''));";
    let said = bash(&folder, code, "$D run $P <(sleep 0.1; echo one) <(echo two)");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("one\ntwo\n\n", ""));
    let said = bash(
        &folder,
        "",
        "$D run <(echo 'console.log(1 as number)'); echo 'console.log(2)' | $D run /dev/stdin; $D run /dev/null; echo $?",
    );
    assert_eq!((said.out.as_str(), said.err.as_str()), ("1\n2\n0\n", ""));
    let said = bash(&folder, "", "$D run /nowhere");
    assert_eq!(said.status, Some(2));
}

#[test]
fn who_has_no_standard_input_is_told_so() {
    for read in [
        "process.stdin.on('data', () => {})",
        "for await (const chunk of process.stdin);",
        "require('fs').readFileSync(0)",
        "require('fs').readFileSync('/dev/stdin')",
        "require('readline').createInterface({ input: process.stdin }).on('line', () => {})",
    ] {
        let said = run_with(&["repl"], &format!("{read}\n"));
        assert!(said.err.contains("standard input is the code of this session"), "{read}: {}", said.err);
    }
    // Not the first alone.
    let read = "for await (const chunk of process.stdin);\n";
    let said = run_with(&["repl"], &read.repeat(3));
    assert_eq!(said.err.matches("standard input is the code of this session").count(), 3, "{}", said.err);
    // A program that inherits it gets an empty one, and that is told once.
    let run = "child_process.execSync('cat; echo done', { stdio: 'inherit' })\n";
    let said = run_with(&["repl"], &run.repeat(2));
    assert_eq!((said.status, said.out.as_str()), (Some(0), "done\nnull\ndone\nnull\n"), "{}", said.err);
    assert_eq!(
        said.err.matches("[ERR_NO_STDIN] Warning: a program that inherits standard input gets an empty one").count(),
        1,
        "{}",
        said.err
    );
    // Who does not read is told nothing.
    let said = run_with(&["repl"], "process.stdin.isTTY\n");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("undefined\n", ""));
}

#[test]
fn limits_and_signals_end_a_read_that_waits() {
    let folder = Folder::new("limits");
    for code in [
        "import { readSync } from 'node:fs'; console.log('wait'); readSync(0, Buffer.alloc(9));",
        "console.log('wait'); for await (const chunk of process.stdin);",
    ] {
        let program = folder.write("program.mjs", code);
        let program = program.to_str().unwrap();
        let mut limited = Running::start(&["run", "--wall-timeout", "300ms", program]);
        assert_eq!(limited.line(), "wait");
        limited.until_ended();
        assert_eq!(limited.finish().status, Some(124));
        // Waiting takes no CPU time.
        let mut waiting = Running::start(&["run", "--vm-timeout", "200ms", program]);
        assert_eq!(waiting.line(), "wait");
        waiting.type_in("some text");
        assert_eq!(waiting.finish().status, Some(0));
        let mut interrupted = Running::start(&["run", program]);
        assert_eq!(interrupted.line(), "wait");
        interrupted.signal(Signal::INT);
        interrupted.until_ended();
        assert_eq!(interrupted.finish().status, Some(130));
    }
}

#[test]
fn a_writer_that_dies_is_an_end() {
    let folder = Folder::new("writer-dies");
    let said = bash(&folder, COUNT, "(echo 12345; kill -9 $BASHPID) | $D run $P");
    assert_eq!((said.status, said.out.as_str()), (Some(0), "6\n"));
}

#[test]
fn nobody_who_reads_ends_a_filter() {
    let folder = Folder::new("broken-pipe");
    let said = bash(&folder, "process.stdin.pipe(process.stdout);", "yes | $D run $P | head -n 2; echo ${PIPESTATUS[1]}");
    assert_eq!(said.out, "y\ny\n141\n");
}

#[test]
fn events_keep_standard_output_to_themselves() {
    let folder = Folder::new("events-own");
    let program = folder.write(
        "program.mjs",
        "import { execSync } from 'node:child_process'; execSync('echo from a child', { stdio: 'inherit' });",
    );
    let output = drupe(&["run", "--events", "json", program.to_str().unwrap()]).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("from a child") && text.lines().all(|line| line.starts_with('{')), "{text}");
}

#[test]
fn colours_are_forced_and_forbidden_as_in_node() {
    let colours = |variables: &[(&str, &str)]| {
        let mut command = drupe(&["eval", "console.log([1]); console.error([1]); ({ a: 1 })"]);
        let output = command.stdin(Stdio::null()).envs(variables.iter().copied()).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (plain, forced) = ("[ 1 ]\n", "[ \u{1b}[33m1\u{1b}[39m ]\n");
    assert_eq!(colours(&[]), (format!("{plain}{{ a: 1 }}\n"), plain.into()));
    assert_eq!(colours(&[("FORCE_COLOR", "1")]), (format!("{forced}{{ a: \u{1b}[33m1\u{1b}[39m }}\n"), forced.into()));
    assert_eq!(colours(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]).1, forced);
    assert_eq!(colours(&[("FORCE_COLOR", "0")]).1, plain);
}

#[test]
fn a_slow_reader_gets_all_and_in_order() {
    let folder = Folder::new("slow");
    let code = "import { writeSync } from 'node:fs';
        for (let line = 0; line < 20000; line++) { if (line % 3 === 0) console.log(line); else if (line % 3 === 1) process.stdout.write(`${line}\\n`); else writeSync(1, `${line}\\n`); }";
    let program = folder.write("program.mjs", code);
    let mut child = drupe(&["run", program.to_str().unwrap()]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let expected = (0..20000).map(|line| format!("{line}\n")).collect::<String>();
    assert!(text == expected && child.wait().unwrap().success());
}

#[test]
fn a_named_pipe_is_read_whether_its_writer_has_gone_or_comes_later() {
    let folder = Folder::new("named");
    let code = "import { readFileSync } from 'node:fs'; console.log(readFileSync(process.argv[2] ?? 0, 'utf8').length);";
    // `wait`: it has gone before the program begins.
    let said = bash(&folder, code, "mkfifo p; seq 3 > p & exec 3< p; wait; timeout 60 $D run $P <&3");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("6\n", ""));
    // Opened once: the writer is not cut off.
    let said = bash(&folder, code, "(seq 3 > p; echo $? > status) & timeout 60 $D run $P p; wait; cat status");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("6\n0\n", ""));
    let code = format!("{code} import {{ spawn }} from 'node:child_process';").replace(
        "console.log(",
        "const late = spawn('bash', ['-c', 'seq 4 > p'], { stdio: 'ignore' }); late.on('exit', (code) => console.log('wrote', code)); console.log(",
    );
    let said = bash(&folder, &code, "timeout 60 $D run $P p");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("8\nwrote 0\n", ""));
}

#[test]
fn all_reaches_who_reads_a_pipe_that_was_opened_by_its_path() {
    let folder = Folder::new("into");
    let open = "import fs from 'node:fs'; const path = process.argv[2];";
    for code in [
        "fs.writeFileSync(path, 'x'.repeat(1e6));",
        "const fd = fs.openSync(path, 'w'); fs.writeFileSync(fd, '\u{e9}'.repeat(5e5));",
        "const fd = fs.openSync(path, 'w'); console.assert(fs.writeSync(fd, Buffer.alloc(1e6)) === 1e6);",
        "fs.createWriteStream(path).end('x'.repeat(1e6));",
        "await fs.promises.appendFile(path, Buffer.alloc(1e6));",
    ] {
        let code = format!("{open} {code}");
        let said = bash(&folder, &code, "rm -f q; mkfifo q; timeout 60 $D run $P >(wc -c > q) & cat q; wait");
        assert_eq!((said.out.as_str(), said.err.as_str()), ("1000000\n", ""), "{code}");
    }
}

#[test]
fn what_a_file_cannot_take_is_an_error() {
    let folder = Folder::new("limit");
    let code = "import fs from 'node:fs'; const fd = fs.openSync('out', 'w');
        for (const data of ['x'.repeat(30000), '\u{e9}'.repeat(15000), Buffer.alloc(30000)]) {
          try { fs.writeFileSync(fd, data); console.log('written'); } catch (error) { console.log(error.code); }
          fs.ftruncateSync(fd, 0);
        }";
    let said = bash(&folder, code, "trap '' XFSZ; ulimit -f 20; timeout 60 $D run $P");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("EFBIG\nEFBIG\nEFBIG\n", ""));
}

/// A console text is no event of its own where it is long: nothing of it may be missing.
#[test]
fn what_a_program_prints_is_as_long_as_nodes() {
    if !has_node20() {
        return;
    }
    let folder = Folder::new("long");
    let start = "const util = require('util'); const long = 'line é\\n'.repeat(3e5); const keys = Object.fromEntries(Array.from({ length: 5e4 }, (_, i) => ['k' + i, i])); ";
    for code in [
        "console.log('x'.repeat(2e6))",
        "console.log(long); process.stdout.write('behind'); console.log('it')",
        "console.error(long)",
        "console.log('a', long, 'b', 1)",
        "console.log('%s|%j|%o', long, { long }, 'x')",
        "console.log('%s', { toString() { return long } })",
        "console.group('outer'); console.group('inner'); console.log(long); console.groupEnd(); console.warn('x'.repeat(2e6))",
        "console.assert(false, long)",
        "console.log(keys); console.dir(keys)",
        "console.table(Array.from({ length: 2000 }, (_, i) => ({ i, text: 'x' + i })))",
        "console.table(new Map(Array.from({ length: 2000 }, (_, i) => [i, 'x' + i])))",
        "console.log(util.format(long).length, util.format('%s %s', long, 1).length, util.format('a', long).length)",
        "console.log(util.format('%j', { long }).length, util.formatWithOptions({}, '%s', long).length)",
    ] {
        folder.write("long.cjs", &format!("{start}{code}"));
        // Two streams to one pipe are mixed by Node.
        let sum = |program: &str| bash(&folder, "", &format!("timeout 60 {program} long.cjs > out 2>&1; cksum < out")).out;
        assert_eq!(sum("$D run"), sum("node"), "{code}");
    }
}

/// A text that has no room is an error, and not another text.
#[test]
fn a_text_that_is_longer_than_the_heap_is_an_error() {
    let code = "const s = 'x'.repeat(3e7); try { require('util').format(s, s, s, s, s).length } catch (error) { String(error) }";
    let said = run(&["--memory-limit", "64", "-p", code]);
    assert_eq!((said.status, &*said.out), (Some(0), "RangeError: Invalid string length\n"), "{said:?}");
}
