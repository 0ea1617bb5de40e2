# Completions of drupe for fish. drupe itself knows them: `drupe completions --typed`.
function __drupe_words
    set -l current (commandline -ct)
    set -l typed (commandline -opc) $current
    set -l lines ($typed[1] completions --typed -- $typed 2>/dev/null)
    if set -q lines[2]
        printf '%s\n' $lines[2..-1]
    end
    if test "$lines[1]" = files
        # The name of a flag, and what a list has already, stay.
        set -l parts (string match -r -- '^((?:--[^=]+=(?:.*,)?)?)(.*)$' $current)
        for path in (__fish_complete_path $parts[3])
            printf '%s%s\n' $parts[2] $path
        end
    end
end
complete -c drupe -f -a '(__drupe_words)'
