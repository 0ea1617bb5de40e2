//! Tests of the decisions about URLs, end to end except for the connection.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Guard, NetError, Resolve, request::Request};
use crate::{
    Pending, Permissions, Policy,
    permissions::{Audit, Kind},
};

/// Rules, a URL, and the addresses that it may be connected to; `deny name` and `deny address` where permissions say
/// no, `refuse` where no permission would help. An empty list of rules grants nothing, `all` everything.
const CASES: &str = "
    example.com          http://example.com/                     93.184.216.34
    example.com          https://example.com/                    93.184.216.34
    example.com          HTTP://EXAMPLE.COM/                     93.184.216.34
    example.com          http://example.com./                    93.184.216.34
    example.com          http://EXAMPLE%2eCOM/                   93.184.216.34
    example.com          http:\\\\example.com\\                  93.184.216.34
    example.com          http:example.com                        93.184.216.34
    example.com          http:///example.com/                    93.184.216.34
    example.com          http://example.com:8080/                93.184.216.34
    example.com:443      https://example.com/                    93.184.216.34
    example.com:443      https://example.com:0443/               93.184.216.34
    example.com:443      http://example.com/                     deny name
    example.com:443      https://example.com:8443/               deny name
    example.com          http://user:pw@example.com/             93.184.216.34
    example.com          http://example.com@other.test/          deny name
    example.com          http://example.com%40other.test/        refuse
    example.com          http://other.test#@example.com/         deny name
    example.com          http://other.test?@example.com/         deny name
    example.com          http://other.test\\@example.com/        deny name
    example.com          http://example.com.other.test/          deny name
    example.com          http://notexample.com/                  deny name
    example.com          http://sub.example.com/                 deny name
    *.example.com        http://sub.example.com/                 93.184.216.35
    *.example.com        http://a.b.example.com/                 93.184.216.36
    *.example.com        http://example.com/                     deny name
    *.example.com        http://evilexample.com/                 deny name
    *.example.com        http://inside.example.com/              deny address
    example.com          http://exam%00ple.com/                  refuse
    example.com          http://exam\tple.com/                   93.184.216.34
    example.com          http://\u{ff45}xample.com/              93.184.216.34
    example.com          http://ex\u{ad}ample.com/               93.184.216.34
    example.com          http://ex\u{430}mple.com/               deny name
    b\u{fc}cher.test     http://b\u{fc}cher.test/                93.184.216.37
    b\u{fc}cher.test     http://xn--bcher-kva.test/              93.184.216.37
    xn--bcher-kva.test   http://B\u{dc}CHER.test/                93.184.216.37
    example.com          ftp://example.com/                      refuse
    example.com          file:///etc/passwd                      refuse
    example.com          gopher://example.com:70/                refuse
    example.com          ws://example.com/                       refuse
    example.com          javascript:alert(1)                     refuse
    example.com          http://example.com:25/                  refuse
    all                  http://example.com:6667/                refuse
    example.com          http://example.com:70000/               refuse
    example.com          http://                                 refuse
    example.com          http://[::1/                            refuse
    example.com          http://127.0.0.1/                       deny name
    example.com          http://127.1/                           deny name
    example.com          http://2130706433/                      deny name
    example.com          http://0x7f000001/                      deny name
    example.com          http://017700000001/                    deny name
    example.com          http://0177.0.0.1/                      deny name
    example.com          http://0x7f.1/                          deny name
    example.com          http://0/                               deny name
    example.com          http://127.0.0.1./                      deny name
    example.com          http://\u{2460}27.0.0.1/                deny name
    example.com          http://256.256.256.256/                 refuse
    example.com          http://[::1]/                           deny name
    example.com          http://[::]/                            deny name
    example.com          http://[::ffff:127.0.0.1]/              deny name
    example.com          http://[::ffff:7f00:1]/                 deny name
    example.com          http://[64:ff9b::7f00:1]/               deny name
    example.com          http://[2002:7f00:1::]/                 deny name
    example.com          http://[fe80::1]/                       deny name
    example.com          http://[fe80::1%25eth0]/                refuse
    example.com          http://169.254.169.254/latest/meta-data deny name
    example.com          http://localhost/                       deny name
    example.com          http://LOCALHOST./                      deny name
    localhost            http://localhost/                       127.0.0.1,::1
    localhost            http://LOCALHOST.:8080/                 127.0.0.1,::1
    localhost            http://127.0.0.1/                       deny name
    localhost            http://sub.localhost/                   deny name
    127.0.0.1            http://127.0.0.1/                       127.0.0.1
    127.0.0.1            http://0x7f.1/                          127.0.0.1
    127.0.0.1            http://2130706433/                      127.0.0.1
    127.0.0.1            http://[::ffff:127.0.0.1]/              ::ffff:127.0.0.1
    127.0.0.1            http://127.0.0.2/                       deny name
    127.0.0.1            http://localhost/                       deny name
    0x7f.1               http://127.0.0.1/                       127.0.0.1
    [::1]                http://[0:0:0:0:0:0:0:1]/               ::1
    [::1]                http://[::1]:8080/                      ::1
    [::1]:80             http://[::1]:8080/                      deny name
    loop.test            http://loop.test/                       deny address
    loop6.test           http://loop6.test/                      deny address
    mapped.test          http://mapped.test/                     deny address
    nat64.test           http://nat64.test/                      deny address
    sixtofour.test       http://sixtofour.test/                  deny address
    private.test         http://private.test/                    deny address
    metadata.test        http://metadata.test/                   deny address
    zero.test            http://zero.test/                       deny address
    multicast.test       http://multicast.test/                  deny address
    carrier.test         http://carrier.test/                    deny address
    local6.test          http://local6.test/                     deny address
    mixed.test           http://mixed.test/                      deny address
    none.test            http://none.test/                       refuse
    private.test,10.0.0.5      http://private.test/              10.0.0.5
    private.test,10.0.0.5:8080 http://private.test/              deny address
    private.test,10.0.0.6      http://private.test/              deny address
    mapped.test,127.0.0.1      http://mapped.test/               ::ffff:127.0.0.1
    loop.test,localhost        http://loop.test/                 deny address
    -                    http://example.com/                     deny name
    -                    http://127.0.0.1/                       deny name
    -                    http://localhost/                       deny name
    all                  http://127.0.0.1/                       127.0.0.1
    all                  http://0/                               0.0.0.0
    all                  http://private.test/                    10.0.0.5
    all                  http://localhost/                       127.0.0.1,::1
    all                  file:///etc/passwd                      refuse
";

/// Knows the names of the cases, and remembers what it was asked.
#[derive(Default)]
struct Names(Mutex<Vec<String>>);

impl Resolve for Names {
    fn resolve(&self, host: &str, port: u16) -> Pending<io::Result<Vec<SocketAddr>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(host.to_owned());
        let addresses = match host {
            "example.com" => "93.184.216.34",
            "sub.example.com" => "93.184.216.35",
            "a.b.example.com" => "93.184.216.36",
            "xn--bcher-kva.test" => "93.184.216.37",
            "localhost" => "127.0.0.1 ::1",
            "loop.test" => "127.0.0.1",
            "loop6.test" => "::1",
            "mapped.test" => "::ffff:127.0.0.1",
            "nat64.test" => "64:ff9b::a00:5",
            "sixtofour.test" => "2002:a00:5::1",
            "private.test" | "inside.example.com" => "10.0.0.5",
            "metadata.test" => "169.254.169.254",
            "zero.test" => "0.0.0.0",
            "multicast.test" => "224.0.0.1",
            "carrier.test" => "100.64.0.1",
            "local6.test" => "fd00::1",
            "mixed.test" => "93.184.216.34 192.168.0.1",
            "none.test" => "",
            other => panic!("{other} is not to be resolved"),
        };
        let addresses = addresses.split_whitespace().map(|address| SocketAddr::new(address.parse::<IpAddr>().unwrap(), port));
        let addresses = Ok(addresses.collect());
        Box::pin(std::future::ready(addresses))
    }
}

fn permissions(rules: &str) -> Permissions {
    if rules == "all" {
        return Permissions::new(Policy::all());
    }
    let mut policy = Policy::none();
    for rule in rules.split(',').filter(|rule| *rule != "-") {
        policy.allow(Kind::Net, rule).unwrap();
    }
    Permissions::new(policy)
}

// threat G6, G7
#[tokio::test(flavor = "current_thread")]
async fn a_hundred_urls_lead_where_they_may_or_nowhere() {
    let mut count = 0;
    for case in CASES.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = case.split(' ').filter(|word| !word.is_empty());
        let (rules, url) = (words.next().unwrap(), words.next().unwrap());
        let wanted = words.collect::<Vec<_>>().join(" ");
        let names = Names::default();
        let permissions = permissions(rules);
        let told = Arc::new(Mutex::new(Vec::<Audit>::new()));
        let tell = told.clone();
        permissions.audit(Arc::new(move |audit| tell.lock().unwrap().push(audit)));
        let guard = Guard::new(&permissions, Kind::Net, "fetch", Some(1));
        let decided = async {
            let request = Request::get(url)?;
            let target = guard.target(&request.url).await.map_err(|error| (error, "name"))?;
            guard.addresses(&target, &names, Duration::from_secs(10)).await.map_err(|error| (error, "address"))
        };
        let got = match decided.await {
            Ok(addresses) => addresses.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(","),
            Err((NetError::Denied(denied), what)) => {
                assert_eq!(denied.code.as_deref(), Some("EACCES"), "{case}");
                assert!(denied.message.contains("needs net access"), "{case}: {}", denied.message);
                let told = told.lock().unwrap();
                assert!(told.last().is_some_and(|audit| !audit.granted && audit.request.run == Some(1)), "{case}");
                format!("deny {what}")
            }
            Err(_) => "refuse".to_owned(),
        };
        assert_eq!(got, wanted, "{case}");
        if got == "deny name" {
            assert!(names.0.lock().unwrap().is_empty(), "{case}: a name was resolved that is denied");
        }
        count += 1;
    }
    assert!(count >= 100, "{count}");
}

impl From<NetError> for (NetError, &'static str) {
    fn from(error: NetError) -> Self {
        (error, "url")
    }
}
