#!/usr/bin/env bash
# shellcheck disable=SC2016,SC2119
# Tests drupe.sh against the server. It prints a line for each thing that is as it must be, and fails at the first that is not.
set -euo pipefail
cd "$(dirname "$0")"
source ./drupe.sh

work=$(mktemp -d)
trap 'drupe_stop 2>/dev/null || true; rm -rf "$work"' EXIT
count=0
ok() { count=$((count + 1)) && echo "ok $count $1"; }
# same NAME WANTED GOT
same() {
  if [[ $2 == "$3" ]]; then ok "$1"; else
    printf 'not ok %s\n  wanted: %q\n  got:    %q\n' "$1" "$2" "$3"
    exit 1
  fi
}
# has NAME TEXT: looks for it in `err`.
has() { same "$1" "$2" "$(grep -oFm1 -- "$2" <<<"$err" || echo "$err")"; }
# run FUNCTION ARGUMENT...: its output, console output and status are then in `out`, `err` and `status`.
run() {
  status=0
  "$@" >"$work/out" 2>"$work/err" || status=$?
  out=$(<"$work/out") err=$(<"$work/err")
}

export DRUPE_LOG=$work/log
drupe_start
ok 'the server welcomes the client'
drupe_open
k=$DRUPE_KERNEL
same 'a kernel is opened' 1 "$(jq .generation <<<"$DRUPE_REPLY")"

# Values.
run drupe_run "$k" '1 + 1' && same 'a result' '2 0 ' "$out $status $err"
run drupe_run "$k" 'const n: number = 6; n * 7' && same 'TypeScript' '42 0' "$out $status"
run drupe_run "$k" '' && same 'no code' 'undefined 0' "$out $status"
run drupe_value "$k" '({a: [1, null, "x\t\\\n\u00e4\u{1f600}"], b: {c: true}})'
same 'a value as JSON' '{"a":[1,null,"x\t\\\nä😀"],"b":{"c":true}}' "$out"
run drupe_value "$k" '[undefined, NaN, -0, 5n, new Set([1]), [,]]'
same 'values beyond JSON' '["undefined","NaN","-0","5",[1],"hole"]' \
  "$(jq -c '[.[0]."$type", .[1].value, .[2].value, .[3].value, .[4].items, .[5][0]."$type"]' <<<"$out")"
run drupe_value "$k" $'"a\tb\x01\x1f\x7f&" + `\\\\ "\n`'
same 'all characters in code' '[97,9,98,1,31,127,38,92,32,34,10]' "$(jq -c explode <<<"$out")"
run drupe_value "$k" "'$(printf 'y%.0s' {1..300000})'.length" && same 'much code' 300000 "$out"
run drupe_value "$k" '"z".repeat(200000)' && same 'much text' 200002 "${#out}"
run drupe_value "$k" 'x + y' '{"inputs": {"x": 40, "y": 2}}' && same 'options of a run' 42 "$out"
same 'a run in a subshell' 'text 7' "text $(drupe_run "$k" '3 + 4')"

# Console.
run drupe_run "$k" 'console.log("a\tb", 1); console.group("g"); console.log("in\nside"); console.groupEnd(); console.log(); console.error("e"); 5'
same 'console output' $'a\tb 1\ng\n  in\n  side\n\ne' "$err"
run drupe_run "$k" 'console.group(); console.time("t"); console.log(1); console.groupEnd(); 5'
same 'a group without a name prints nothing' '  1' "$err"
same 'a result beside it' 5 "$out"
run drupe_run "$k" 'process.stdout.write("no"); process.stdout.write(" line\n"); process.stderr.write(new Uint8Array([0xff, 65]))'
same 'output of streams' $'no line\n\xffA' "$err"

# Failures.
run drupe_run "$k" 'null.x'
same 'an exception' '1 threw' "$status $DRUPE_WORD"
has 'its text' TypeError
run drupe_run "$k" 'throw 5' && same 'what is thrown need not be an error' '1 drupe: threw: 5' "$status $err"
run drupe_run "$k" 'let = = 1' && same 'a syntax error' '1 syntax_error' "$status $DRUPE_WORD"
run drupe_run "$k" 'while (true) {}' '{"vm_timeout_ms": 100}' && same 'a time-out of the CPU' '124 timed_out' "$status $DRUPE_WORD"
run drupe_run "$k" 'await new Promise(() => setTimeout(() => {}, 1e6))' '{"wall_timeout_ms": 100}'
same 'a time-out of an await' '124 timed_out' "$status $DRUPE_WORD"
(sleep 0.3 && drupe_interrupt "$k") &
interrupter=$!
run drupe_run "$k" 'while (true) {}' '{"wall_timeout_ms": 20000}' && same 'an interrupt' '130 interrupted' "$status $DRUPE_WORD"
wait "$interrupter"
run drupe_run "$k" 'const big = []; while (true) big.push(new Array(1000).fill(1.5))' '{"memory_limit": 60000000}'
same 'a limit of memory' 137 "$status"
run drupe_run "$k" 'n' && same 'the session has lived on' 6 "$out"
run drupe_run "$k" 'process.exit(3)' && same 'an exit' '3 exited' "$status $DRUPE_WORD"
run drupe_run "$k" 'require("fs").readFileSync("/etc/passwd")' && same 'permission denied' 1 "$status"
has 'its name' PermissionDenied
run drupe_open '{"permissions": {"read": true}}' && same 'no more than the server may' '2 forbidden' "$status $DRUPE_ERROR"

# Functions of the client.
add() { jq -n --argjson a "$1" --argjson b "$2" '$a + $b'; }
words() { jq -n '$ARGS.positional' --args "$@"; }
nothing() { :; }
broken() { return 9; }
garbage() { echo 'no JSON'; }
for name in add words nothing broken garbage; do drupe_function "$name" "$name"; done
drupe_function db.add add
run drupe_value "$k" 'await host.add(1, 2)' && same 'a function' 3 "$out"
run drupe_value "$k" 'await host.db.add("a\t\\", "b\n")' && same 'a name with a dot' '"a\t\\b\n"' "$out"
run drupe_value "$k" 'await host.words(1, "x", [null], undefined)'
same 'arguments are JSON' '["1","\"x\"","[null]","{\"$type\":\"undefined\"}"]' "$out"
run drupe_value "$k" 'await host.nothing()' && same 'no answer is undefined' '{"$type":"undefined"}' "$out"
run drupe_value "$k" 'try { await host.broken() } catch (e) { e.message }' && same 'a function fails' '"broken: status 9, or no JSON"' "$out"
run drupe_run "$k" 'await host.garbage()' && same 'an answer that is no JSON' 1 "$status"
run drupe_value "$k" 'const all = []; for (let i = 0; i < 20; i++) all.push(await host.add(i, i)); all.length' && same 'many calls' 20 "$out"
run drupe_value "$k" '(await Promise.all([host.add(1, 1), host.add(2, 2), host.add(3, 3)])).join()' && same 'calls at once' '"2,4,6"' "$out"
drupe_open
run drupe_value "$DRUPE_KERNEL" 'await host.add(4, 5)' && same 'a later kernel has them too' 9 "$out"
run drupe_value "$DRUPE_KERNEL" 'typeof n' && same 'kernels are apart' '"undefined"' "$out"
drupe_close "$DRUPE_KERNEL"

# A reset.
drupe_reset "$k"
same 'the generation after a reset' 2 "$(jq .generation <<<"$DRUPE_REPLY")"
run drupe_value "$k" 'typeof n' && same 'a reset forgets' '"undefined"' "$out"
run drupe_value "$k" 'await host.add(1, 2)' && same 'functions outlive it' 3 "$out"

# Many runs. They keep state, and come in order.
drupe_run "$k" 'var sum = 0, seen = []' >"$work/out"
for ((i = 1; i <= 1000; i++)); do drupe_run "$k" "console.log('line $i'); seen.push($i); sum += $i"; done >"$work/out" 2>"$work/err"
same '1000 results' "$(for ((i = 1; i <= 1000; i++)); do echo $((i * (i + 1) / 2)); done)" "$(<"$work/out")"
same '1000 lines of console output' "$(printf 'line %d\n' {1..1000})" "$(<"$work/err")"
run drupe_value "$k" '[sum, seen.length, seen.every((x, i) => x === i + 1)]' && same 'the state of 1000 runs' '[500500,1000,true]' "$out"
same 'events are numbered without gaps' 'no gap' "$(awk -v k="$k" '$1 ~ /^(event|text|bytes|outcome)$/ && $2 == k && $3 != ++n { print "gap at", $3; bad = 1; exit }
  END { if (!bad && n > 3000) print "no gap" }' "$DRUPE_LOG")"
same 'each run has one end' '0 0' "$(awk -v k="$k" '$1 == "outcome" && $2 == k { n[$4]++; if ($4 > last) last = $4; else back++ }
  END { for (i = 1; i <= last; i++) if (n[i] != 1) bad++; print bad + 0, back + 0 }' "$DRUPE_LOG")"

# Bad input is answered by an error, and the connection lives.
bad() {
  status=0
  drupe_send_ "$2"
  drupe_wait_ none none 2>"$work/err" || status=$?
  same "$1" "2 $3" "$status $DRUPE_ERROR"
}
bad 'no JSON' 'this is no message' bad_message
bad 'no message' '{"a": 1}' bad_message
bad 'no id' '["run",{}]' bad_message
bad 'an unknown message' '["nonsense",{}]' unknown_message
run drupe_request nonsense '{}' && same 'an unknown request' '2 unknown_message' "$status $DRUPE_ERROR"
run drupe_request run "{\"kernel\":\"$k\",\"code\":1}" && same 'a field of a wrong type' '2 bad_message' "$status $DRUPE_ERROR"
has 'the field is named' '(code)'
run drupe_run nobody 1 && same 'an unknown kernel' '2 unknown_kernel' "$status $DRUPE_ERROR"
run drupe_function 'a b' add && same 'a bad name' '2 bad_name' "$status $DRUPE_ERROR"
run drupe_run "$k" 1 '{"language": "cobol"}' && same 'a bad option' '2 bad_message' "$status $DRUPE_ERROR"
run drupe_run "$k" 1 'no JSON' && same 'options that are no JSON' 2 "$status"
run drupe_run "$k" 'sum' && same 'the connection lives' '500500 0' "$out $status"

# The end.
drupe_close "$k"
run drupe_run "$k" 1 && same 'a closed kernel' '2 unknown_kernel' "$status $DRUPE_ERROR"
drupe_stop
ok 'the server has ended'
run drupe_send_ '["ping",{"id":1}]' && same 'nobody listens any more' 2 "$status"
DRUPE_PROGRAM=false
run drupe_start && same 'a server that does not start' '2 gone' "$status $DRUPE_ERROR"
run drupe_run "$k" 1 && same 'the shell outlives it' 2 "$status"
echo "$count ok"
