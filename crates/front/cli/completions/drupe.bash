# Completions of drupe for bash 4.3 and newer. drupe itself knows them: `drupe completions --typed`.
_drupe() {
    local word joined=() lines line kind current
    # bash takes `=` for a word of its own. drupe takes `--flag=value` as a whole.
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if ((${#joined[@]} > 1)) && [[ ${joined[-1]} == --* && ($word == "=" || ${joined[-1]} == *=) ]]; then
            joined[-1]+=$word
        else
            joined+=("$word")
        fi
    done
    current=${joined[-1]}
    local program=${joined[0]/#\~\//$HOME/}
    mapfile -t lines < <("$program" completions --typed -- "${joined[@]}" 2>/dev/null)
    kind=${lines[0]}
    COMPREPLY=()
    for line in "${lines[@]:1}"; do
        word=${line%%$'\t'*}
        [[ $current == --*=* ]] && word=${word#*=}
        COMPREPLY+=("$word")
    done
    [[ $kind == files ]] || return
    local typed=${COMP_WORDS[COMP_CWORD]}
    [[ $typed == "=" ]] && typed=
    if [[ $current == --*=*,* ]]; then
        # A list: what stands before the last comma stays.
        compopt -o nospace
        mapfile -t COMPREPLY < <(compgen -P "${typed%,*}," -f -- "${typed##*,}")
    elif ((${#COMPREPLY[@]} > 0)); then
        compopt -o filenames
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$typed")
    else
        compopt -o bashdefault -o default
    fi
}
complete -F _drupe drupe
