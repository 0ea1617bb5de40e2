"""What a new user does in JupyterLab, in a browser."""

import os
import re

import pytest

if os.environ.get("DRUPE_REQUIRE_BROWSER") != "1":
    pytest.importorskip("playwright", reason="needs: pip install -r tests/jupyter/browser/requirements.txt")

from notebook import Notebook, picture
from playwright.sync_api import expect

TABLE = """const temperatures = [
  { city: 'Oslo', celsius: -4 },
  { city: 'Rome', celsius: 11 },
  { city: 'Cairo', celsius: 18 },
]
temperatures"""
CHART = """({
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  data: { values: temperatures },
  mark: 'bar',
  encoding: { x: { field: 'city' }, y: { field: 'celsius', type: 'quantitative' } },
})"""
WIDGET = """const slider = Jupyter.widget({
  value: 3,
  esm: `export default { render({ model, el }) {
    const input = document.createElement('input')
    Object.assign(input, { type: 'range', min: 0, max: 10, value: model.get('value') })
    input.oninput = () => { model.set('value', Number(input.value)); model.save_changes() }
    model.on('change:value', () => { input.value = model.get('value') })
    el.append(input)
  } }`,
})
display(slider)
const place = display('nobody has moved the slider')
slider.onChange('value', value => place.update(`the slider is at ${value}`))
undefined"""


def outputs(cell):
    return cell.locator(".jp-OutputArea-output")


def test_the_launcher_offers_the_kernel(lab, page):
    page.goto(f"{lab.address}/lab/workspaces/launcher?token={lab.token}")
    card = page.locator('.jp-LauncherCard[data-category="Notebook"]', has_text="drupe (TypeScript)")
    expect(card.locator("img")).to_be_visible()
    loaded = "image => image.complete && image.naturalWidth > 0"
    assert card.locator("img").evaluate(loaded), "the logo is shown"
    picture(page.locator(".jp-Launcher-section", has=card), "launcher")
    card.click()
    notebook = Notebook(page)
    notebook.idle()
    expect(notebook.panel.locator(".jp-KernelName")).to_contain_text("drupe (TypeScript)")
    assert notebook.text("const answer: number = 6 * 7\nanswer") == ["42"]
    assert notebook.text("answer + 1") == ["43"], "the state is kept"


def test_cells_are_coloured_as_typescript(notebook):
    cell = notebook.paste("interface Point { x: number }")
    # CodeMirror splits a line into coloured parts only if it knows the language.
    expect(cell.locator(".cm-line span").first).to_have_text("interface")


def test_a_table_and_a_chart(notebook):
    table = notebook.run(TABLE)
    expect(table.locator(".jp-RenderedHTML td")).to_have_count(6)
    expect(table.locator(".jp-RenderedHTML th", has_text="celsius")).to_be_visible()
    picture(table, "table")
    chart = notebook.run(CHART)
    drawing = chart.locator(".vega-embed").locator("canvas, svg").first
    expect(drawing).to_be_visible()
    assert drawing.bounding_box()["height"] > 50
    picture(chart, "chart")


def test_svg_and_images(notebook):
    cell = notebook.run("svg`<svg xmlns='http://www.w3.org/2000/svg' width='80' height='40'><circle cx='20' cy='20' r='18'/></svg>`")
    drawing = cell.locator(".jp-RenderedSVG")
    expect(drawing.locator("svg, img").first).to_be_visible()
    code = (
        "const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAC"
        "hwGA60e6kgAAAABJRU5ErkJggg==', 'base64')\n"
    )
    for show in ("png", "Jupyter.image(png)", "display(new Blob([png]))"):
        image = notebook.run(code + show if show == "png" else show).locator(".jp-RenderedImage img")
        expect(image).to_have_count(1)
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1, show


def test_a_progress_bar_moves_in_place(notebook):
    code = (
        "for (const n of progress([1, 2, 3, 4], { label: 'reading' })) {\n"
        "  await new Promise(resolve => setTimeout(resolve, 120));\n"
        "  if (n === 3) prompt('go on?')\n}"
    )
    cell = notebook.start(code)
    bar = cell.locator("progress")
    expect(bar).to_have_attribute("value", "2")
    expect(bar).to_have_attribute("max", "4")
    answer = cell.locator(".jp-Stdin-input")
    expect(answer).to_be_visible()
    picture(cell, "progress")
    answer.fill("yes")
    answer.press("Enter")
    expect(bar).to_have_attribute("value", "4")
    expect(bar).to_have_count(1)


def test_the_interrupt_button_stops_a_loop_and_the_state_is_kept(notebook):
    notebook.run("const kept = 'still here'")
    cell = notebook.start("console.log('looping')\nfor (;;) {}")
    expect(outputs(cell)).to_have_text(["looping\n"])
    expect(cell.locator(".jp-InputArea-prompt")).to_have_text("[*]:")
    notebook.button("interrupt")
    expect(cell.locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[\d+\]:"))
    expect(cell.locator('[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]').first).to_contain_text(
        "state kept"
    )
    assert notebook.text("kept") == ["'still here'"]
    picture(notebook.panel.locator(".jp-WindowedPanel-viewport"), "interrupt")


def test_restart_begins_anew(notebook):
    assert notebook.text("globalThis.before = 1") == ["1"]
    notebook.button("restart")
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
    notebook.idle()
    assert notebook.text("typeof before") == ["'undefined'"]


def test_restart_ends_a_loop(notebook):
    cell = notebook.start("console.log('looping')\nfor (;;) {}")
    expect(outputs(cell)).to_have_text(["looping\n"])
    notebook.button("restart")
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
    notebook.idle()
    assert notebook.text("'a new kernel'") == ["'a new kernel'"]


def test_late_output_goes_to_its_cell(notebook):
    first = notebook.run("let tell\nnew Promise(resolve => { tell = resolve }).then(text => console.log(text))\nundefined")
    second = notebook.run("tell('late')")
    expect(outputs(first)).to_have_text(["late\n"])
    expect(outputs(second)).to_have_count(0)


def test_tab_completes(notebook):
    notebook.run("const weather = { temperature: 21, tempo: 3, wind: 'north' }")
    cell = notebook.paste("weather.temp")
    notebook.page.keyboard.press("Tab")
    popup = notebook.page.locator(".jp-Completer")
    expect(popup).to_be_visible()
    expect(popup.locator(".jp-Completer-item")).to_have_count(2)
    expect(popup).to_contain_text("temperature")
    picture(notebook.page, "completion", clip=around(cell, popup))
    notebook.page.keyboard.press("Enter")
    expect(popup).to_be_hidden()
    expect(cell.locator(".cm-content")).to_have_text("weather.temperature")


def test_completion_is_answered_while_a_cell_runs(notebook):
    notebook.run("const weather = { temperature: 21, tempo: 3 }")
    busy = notebook.start("console.log('looping')\nfor (;;) {}")
    expect(outputs(busy)).to_have_text(["looping\n"])
    notebook.paste("weather.te")
    notebook.page.keyboard.press("Tab")
    expect(notebook.page.locator(".jp-Completer")).to_contain_text("tempo")
    notebook.page.keyboard.press("Escape")
    notebook.button("interrupt")
    notebook.idle()


def test_shift_tab_shows_a_tooltip(notebook):
    notebook.run("/** Adds two numbers. */\nfunction add(left: number, right: number) { return left + right }")
    cell = notebook.paste("add")
    notebook.page.keyboard.press("Shift+Tab")
    tooltip = notebook.page.locator(".jp-Tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("add(left")
    expect(tooltip).to_contain_text("Adds two numbers.")
    picture(notebook.page, "tooltip", clip=around(cell, tooltip))


def test_an_input_box(notebook):
    cell = notebook.start("const name = prompt('Your name?');\n`Hello, ${name}`")
    box = cell.locator(".jp-Stdin-input")
    expect(cell.locator(".jp-Stdin-prompt")).to_contain_text("Your name?")
    picture(cell, "input")
    box.fill("Ada")
    box.press("Enter")
    expect(outputs(cell).last).to_have_text(re.compile("'Hello, Ada'"))


def test_a_widget_calls_back(notebook):
    cell = notebook.run(WIDGET)
    slider = cell.locator("input[type=range]")
    expect(slider).to_have_value("3")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] * 0.7, "y": box["height"] / 2})
    expect(slider).to_have_value("7")
    expect(outputs(cell).last).to_have_text("the slider is at 7")
    picture(cell, "widget")
    assert notebook.text("slider.get('value')") == ["7"]
    notebook.run("slider.set('value', 2)")
    expect(slider).to_have_value("2")


def test_the_cell_of_a_widget_has_what_its_listener_says(notebook):
    listener = "value => { console.log('printed', value); throw new Error('thrown by a listener') }"
    cell = notebook.run(f"{WIDGET}\nslider.onChange('value', {listener})\nundefined")
    slider = cell.locator("input[type=range]")
    expect(slider).to_be_visible()
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] * 0.7, "y": box["height"] / 2})
    expect(cell).to_contain_text("printed 7")
    expect(cell).to_contain_text("Error: thrown by a listener")


def test_an_error_shows_its_line(notebook):
    cell = notebook.run("function half(n: number) {\n  if (n % 2) throw new RangeError(`${n} is odd`)\n  return n / 2\n}\nhalf(7)")
    error = cell.locator('[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]').first
    expect(error).to_contain_text("RangeError: 7 is odd")
    expect(error).to_contain_text("throw new RangeError")
    assert error.locator("span[class*=ansi]").count() > 0, "it is coloured"
    picture(cell, "error")
    assert notebook.text("half(8)") == ["4"]


def around(*places):
    """The rectangle of the page that holds these places."""
    boxes = [place.bounding_box() for place in places]
    left, top = (min(box[side] for box in boxes) for side in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top + 8}
