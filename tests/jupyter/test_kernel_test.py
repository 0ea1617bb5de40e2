"""The tests of `jupyter_kernel_test`, with every switch on."""

import jupyter_kernel_test as jkt


class DrupeTests(jkt.KernelTests):
    kernel_name = "drupe"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('test')"
    completion_samples = [
        {"text": "parseF", "matches": {"parseFloat"}},
        {"text": "[].findLastI", "matches": {"findLastIndex"}},
    ]
    complete_code_samples = ["1", "console.log('hello, world')", "function f(x: number) {\n  return x * 2\n}"]
    incomplete_code_samples = ["function f(x) {", "console.log(`hello", "[1,"]
    invalid_code_samples = ["import = 7q", "let 1x", ")"]
    code_page_something = "Math.max?"
    code_generate_error = "throw new Error('no')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[1, 2, 3].map((n: number) => n * n)", "result": "[ 1, 4, 9 ]"},
    ]
    code_display_data = [
        {"code": "display(html`<b>test</b>`)", "mime": "text/html"},
        {"code": "display(latex`\\frac{1}{2}`)", "mime": "text/latex"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = "console.clear()"


class DrupeWelcomeTests(jkt.IopubWelcomeTests):
    kernel_name = "drupe"
    support_iopub_welcome = True
