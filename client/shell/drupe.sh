# shellcheck shell=bash disable=SC2016,SC2034
# A client of `drupe serve --stdio` (protocol 1, JSON lines). Source it. It needs bash 5 and jq.
# Status of the functions: 0 value, 1 threw or syntax error, 124 timed out, 130 interrupted, 137 memory, 2 error, or the code of process.exit.
set -euo pipefail

DRUPE_PROGRAM=${DRUPE_BIN:-drupe}
# The kernel that was opened last, how the last run ended, the code of the last error, and the last reply as JSON.
DRUPE_KERNEL='' DRUPE_WORD='' DRUPE_ERROR='' DRUPE_REPLY=''
# The open kernels, the shell function of each name in JavaScript, and the fields of the last message.
declare -gA DRUPE_KERNELS=() DRUPE_SHELL=() && declare -ga DRUPE_F=()

# One jq turns each message into one line of fields, escaped by @tsv for `printf %b`. Only the last may be empty.
DRUPE_FILTER='
def word: if . == null or . == "" then "-" else tostring end;
def indent($m): ([$m, 32] | min) as $n | if $n > 0 then split("\n") | map("  " * $n + .) | join("\n") else . end;
.[0] as $name | .[1] | [$name, (.kernel | word), (.seq | word)] as $head |
if $name == "reply" then ["reply", .id, (.run | word), tojson]
elif $name == "error" or $name == "refused" then
  ["error", (.id | word), (.code | word), .message + if .field then " (\(.field))" else "" end]
elif $name == "call" then ["call", .call, .op, (.function | word)] + ((.args // []) | map(tojson))
elif $name != "event" then $head
elif .type == "console" and ([.method, .text // "", (.args // [] | length | tostring)] | join(":")
  | test("^(group_end|clear|time::|group(_collapsed)?::0$)") | not) then
  ["text"] + $head[1:] + [(.depth // 0) as $n | .text // "" | indent($n) + "\n"]
elif .type == "output" and .hex then ["bytes"] + $head[1:] + ["\\x" + ([.hex | scan("..")] | join("\\x"))]
elif .type == "output" then ["text"] + $head[1:] + [.text // ""]
elif .type == "exception" then ["text"] + $head[1:] + ["uncaught: " + (.text // .message // "") + "\n"]
elif .type == "outcome" then ["outcome"] + $head[1:] + [.run, .outcome, (.exit_code | word),
  if has("value") then .value | tojson else "-" end, .text // .exception.text // .message // ""]
elif .type == "error" then ["outcome"] + $head[1:] + [.run, .cause, "-", "-", .message // ""]
else $head + [.type] end | @tsv'

# Starts the server. Its flags are the arguments.
drupe_start() {
  coproc DRUPE_IO { "$DRUPE_PROGRAM" serve --stdio "$@" | jq --unbuffered -r "$DRUPE_FILTER"; }
  DRUPE_PROCESS=$DRUPE_IO_PID
  # Copies of the descriptors reach subshells, so `text=$(drupe_run ...)` works.
  local from=${DRUPE_IO[0]} to=${DRUPE_IO[1]}
  exec {DRUPE_IN}>&"$to" {DRUPE_OUT}<&"$from" {to}>&- {from}<&-
  # A server that is gone must not end the shell.
  trap '' PIPE
  drupe_send_ '["hello",{"versions":[1],"client":"drupe.sh 1"}]' && drupe_wait_ welcome -
}

drupe_send_() { if [[ -z ${DRUPE_IN-} ]] || ! printf '%s\n' "$1" >&"$DRUPE_IN"; then return 2; fi; }
# drupe_wait_ KIND KEY: handles messages until that one has come. Its fields are then in DRUPE_F.
drupe_wait_() {
  while IFS=$'\t' read -r -u "$DRUPE_OUT" -a DRUPE_F; do
    set -- "$1" "$2" "${DRUPE_F[@]}"
    if [[ -n ${DRUPE_LOG-} ]]; then printf '%s\n' "${*:3}" >>"$DRUPE_LOG"; fi
    case $3 in
      text) printf '%b' "${6-}" >&2 ;;
      bytes) printf '%b' "${6//\\\\/\\}" >&2 ;;
      call) drupe_answer_ "${@:4}" || return 2 ;;
      closed)
        unset "DRUPE_KERNELS[$4]"
        # A run of a closed kernel has no other end.
        if [[ $1 == outcome && $2 == "$4 "* ]]; then DRUPE_ERROR=closed && return 2; fi ;;
      error)
        DRUPE_ERROR=$5 && printf 'drupe: %s: %b\n' "$5" "${6-}" >&2
        # An error without an id is about what was sent last.
        if [[ $4 == "$2" || $4 == - ]]; then return 2; fi ;;
    esac
    if [[ $1 == "$3" && ($2 == "$4" || $2 == "$4 ${6-}") ]]; then return 0; fi
  done
  # The server is gone.
  DRUPE_ERROR=gone && return 2
}

# drupe_answer_ CALL OP NAME ARGUMENT...: calls the shell function with each argument as JSON, and sends what it prints.
drupe_answer_() {
  local call=$1 op=$2 name=$3 out='' status=127 i arguments=("${@:4}")
  for i in "${!arguments[@]}"; do printf -v "arguments[i]" '%b' "${arguments[i]}"; done
  if [[ $op == function && -n ${DRUPE_SHELL["$name"]-} ]]; then
    out=$("${DRUPE_SHELL["$name"]}" "${arguments[@]}" </dev/null) && status=0 || status=$?
  fi
  # No output is undefined. More than one value, or none that is JSON, is a failure.
  if ((status == 0)) && out=$(jq -sc --argjson call "$call" 'if length > 1 then error("too many") else
      ["answer", {call: $call, value: (if length == 0 then {"$type": "undefined"} else .[0] end)}] end' <<<"$out"); then
    drupe_send_ "$out"
  else
    drupe_quote_ "$name: status $status, or no JSON" && drupe_send_ "[\"fail\",{\"call\":$call,\"name\":\"Error\",\"message\":$DRUPE_QUOTED}]"
  fi
}

# Makes JSON of a text, without another process.
drupe_quote_() {
  local LC_ALL=C text=$1 hex char
  text=${text//\\/\\\\} text=${text//\"/\\\"}
  if [[ $text == *[[:cntrl:]]* ]]; then
    for hex in 0{{1..9},{a..f}} 1{{0..9},{a..f}}; do printf -v char '%b' "\\x$hex" && text=${text//"$char"/\\u00$hex}; done
  fi
  DRUPE_QUOTED="\"$text\""
}
# drupe_request NAME FIELDS: sends a request with these fields (JSON without white space around it), and waits for its answer. That is then in DRUPE_REPLY.
drupe_request() {
  # The time is a number that no subshell uses again.
  local id=${EPOCHREALTIME//[!0-9]/} fields=${2:1:-1}
  drupe_send_ "[\"$1\",{\"id\":$id${fields:+,$fields}}]" || return
  drupe_wait_ reply "$id" || return
  printf -v DRUPE_REPLY '%b' "${DRUPE_F[3]}"
}

# drupe_open [OPTIONS]: opens a kernel with these fields of `open`, and sets DRUPE_KERNEL.
drupe_open() {
  DRUPE_REPLY=$(jq -c '. + {functions: ((.functions // []) + $ARGS.positional)}' --args "${!DRUPE_SHELL[@]}" <<<"${1:-"{}"}") || return 2
  drupe_request open "$DRUPE_REPLY" || return
  DRUPE_KERNEL=$(jq -r .kernel <<<"$DRUPE_REPLY")
  DRUPE_KERNELS["$DRUPE_KERNEL"]=open
}

# drupe_execute_ KERNEL CODE FIELDS [OPTIONS]: runs it with these fields of `run`. The outcome is then in DRUPE_F.
drupe_execute_() {
  local fields=$3
  if [[ -n ${4-} ]]; then fields=$(jq -c --argjson fields "$3" '$fields + .' <<<"$4") || return 2; fi
  drupe_quote_ "$2"
  drupe_request run "{\"kernel\":\"$1\",\"code\":$DRUPE_QUOTED,${fields#\{}" || return
  drupe_wait_ outcome "$1 ${DRUPE_F[2]}" || return
  DRUPE_WORD=${DRUPE_F[4]}
  [[ $DRUPE_WORD == value ]] || printf 'drupe: %s: %b\n' "$DRUPE_WORD" "${DRUPE_F[7]-}" >&2
  case $DRUPE_WORD in
    value) return 0 ;; threw | syntax_error) return 1 ;;
    timed_out | unresponsive) return 124 ;; interrupted) return 130 ;;
    memory_limit | out_of_memory | killed_for_memory) return 137 ;;
    exited) [[ ${DRUPE_F[5]} == - ]] || return "${DRUPE_F[5]}" ;;
  esac
  return 2
}

# drupe_run KERNEL CODE [OPTIONS]: prints the text of the result. Console output goes to standard error as it comes.
drupe_run() { drupe_execute_ "$1" "$2" '{"value_limit":0}' "${3-}" && printf '%b\n' "${DRUPE_F[7]-}"; }
# drupe_value KERNEL CODE [OPTIONS]: prints the value as JSON, or `-` if it did not come.
drupe_value() { drupe_execute_ "$1" "$2" '{"preview":false}' "${3-}" && printf '%b\n' "${DRUPE_F[6]}"; }

# drupe_function NAME SHELL_FUNCTION: lends it to open kernels, and to those that are opened later.
drupe_function() {
  local kernel && DRUPE_SHELL["$1"]=$2 && drupe_quote_ "$1"
  for kernel in "${!DRUPE_KERNELS[@]}"; do drupe_request register "{\"kernel\":\"$kernel\",\"functions\":[$DRUPE_QUOTED]}" || return; done
}
drupe_reset() { drupe_request reset "{\"kernel\":\"$1\"}"; }
drupe_close() { drupe_request close "{\"kernel\":\"$1\"}"; }
# Stops what a kernel runs. It waits for nothing, so another process of the shell may call it.
drupe_interrupt() { drupe_send_ "[\"interrupt\",{\"id\":0,\"kernel\":\"$1\"}]"; }

# Ends the server, as the end of its input does, and waits for it.
drupe_stop() {
  [[ -n ${DRUPE_IN-} ]] || return 0
  exec {DRUPE_IN}>&- && DRUPE_IN='' && trap - PIPE
  timeout 10 cat <&"$DRUPE_OUT" >/dev/null && exec {DRUPE_OUT}<&- && wait "$DRUPE_PROCESS"
}
