"""Errors of one place in the code are one error, in whatever language it is written."""

import pytest

from core.health.otlp.stacks import fingerprint_of, frames_of

PYTHON = """Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/flask/app.py", line 1511, in wsgi_app
    response = self.full_dispatch_request()
  File "/srv/shop/orders.py", line {line}, in place
    charge(order)
  File "/srv/shop/{file}", line 7, in charge
    raise ValueError("order 17")
ValueError: order {line}"""
JAVA = """java.lang.IllegalStateException: no stock {line}
\tat java.base/java.lang.Thread.run(Thread.java:833)
\tat com.example.shop.Cart.add(Cart.java:{line})
\tat com.example.shop.{file}.post(Shop.java:12)
\tat org.springframework.web.Dispatcher.serve(Dispatcher.java:9)"""
NODE = """TypeError: x is undefined {line}
    at add (/srv/shop/cart.js:{line}:11)
    at async post (/srv/shop/{file}.js:4:2)
    at /srv/shop/node_modules/express/router.js:9:1
    at node:internal/process/task_queues:95:5"""
GO = """goroutine {line} [running]:
main.add(0xc000{line})
\t/srv/shop/cart.go:{line} +0x1d
main.{file}()
\t/srv/shop/{file}.go:9 +0x2b
net/http.serve()
\t/usr/local/go/src/net/http/server.go:2 +0x1"""
DOTNET = """System.InvalidOperationException: no stock {line}
   at Shop.Cart.Add(Item item) in /srv/shop/Cart.cs:line {line}
   at Shop.{file}.Post() in /srv/shop/Orders.cs:line 3"""
RUBY = """/srv/shop/cart.rb:{line}:in `add'
\tfrom /srv/shop/{file}.rb:3:in `post'
\tfrom /usr/lib/gems/rack.rb:1:in `call'"""


@pytest.mark.parametrize(
    "form", [PYTHON, JAVA, NODE, GO, DOTNET, RUBY], ids=["python", "java", "node", "go", "net", "ruby"]
)
def test_lines_do_not_count_and_places_do(form):
    def mark(line, file="Orders", service="shop", kind="Error"):
        return fingerprint_of(service, kind, f"message {line}", form.format(line=line, file=file))

    assert mark(3) == mark(4)
    assert len({mark(3), mark(3, file="Other"), mark(3, service="billing"), mark(3, kind="OtherError")}) == 4
    assert len(frames_of(form.format(line=3, file="Orders"))) == 2


def test_without_a_stack_the_message_counts_less_its_numbers():
    marks = {fingerprint_of("shop", "Error", f"order {number} of 'user {number}' failed", "") for number in range(3)}
    assert len(marks) == 1
    assert fingerprint_of("shop", "Error", "other", "") not in marks


@pytest.mark.parametrize(
    "trace", ["", "\n" * 10**5, "  at " * 10**5, 'File "' * 10**4, "x" * 10**6, "at a(b:1:" * 9_999]
)
def test_what_is_no_stack_has_no_frames(trace):
    assert frames_of(trace) == []
