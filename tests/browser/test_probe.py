import re
from playwright.sync_api import expect
def test_probe(visit):
    p = visit.open("budget", study="Made-up scenes")
    grip = p.get_by_role("slider", name=re.compile("Compute budget"))
    expect(grip).to_be_visible()
    print("URL0", p.url, len(visit.reruns))
    print(p.locator(".kpis").inner_text())
    box = grip.bounding_box(); print(box)
    n=len(visit.reruns)
    p.mouse.move(box["x"]+box["width"]/2, box["y"]+box["height"]/2)
    p.mouse.down()
    seen=[]
    for d in range(0, 200, 20):
        p.mouse.move(box["x"]+box["width"]/2 - d, box["y"]+5)
        seen.append((grip.get_attribute("aria-valuenow"), p.locator(".title").inner_text(), len(visit.reruns)-n, p.url))
    print(seen)
    p.mouse.up()
    try:
        p.wait_for_url("**budget=*", timeout=5000)
    except Exception as e: print("no url", e)
    p.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    print("URL1", p.url, len(visit.reruns)-n, grip.get_attribute("aria-valuenow"))
    print([ (e.get_attribute("aria-label"), e.get_attribute("aria-valuenow"), e.get_attribute("aria-valuetext")) for e in p.get_by_role("slider").all()])
    grip.focus()
    for _ in range(3): p.keyboard.press("ArrowRight")
    print(grip.get_attribute("aria-valuenow"), len(visit.reruns)-n)
    p.wait_for_function("() => true")
    try: p.wait_for_url("**budget=*", timeout=5000)
    except Exception as e: print("no url")
    print("URL2", p.url, len(visit.reruns)-n)
    p.screenshot(path="/tmp/p7/budget.png", full_page=True)
    print(visit.faults)
