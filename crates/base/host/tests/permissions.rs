//! Grants, denials, questions, and what is told of them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use drupe_host::{
    Pending,
    permissions::{Audit, Basis, Decision, Kind, PermissionRequest, Permissions, Policy, Program, Prompt, Reach},
};
use drupe_protocol::Value;

struct Person(Mutex<Vec<Decision>>);

impl Prompt for Person {
    fn ask(&self, _: PermissionRequest) -> Pending<Decision> {
        let decision = self.0.lock().unwrap().pop().unwrap();
        Box::pin(std::future::ready(decision))
    }
}

fn told(permissions: &Permissions) -> Arc<Mutex<Vec<Audit>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = told.clone();
    permissions.audit(Arc::new(move |audit| tell.lock().unwrap().push(audit)));
    told
}

#[tokio::test(flavor = "current_thread")]
async fn a_denial_names_permission_and_resource() {
    let permissions = Permissions::new(Policy::none());
    let told = told(&permissions);
    let path = Path::new("/no/such/file");
    let error = permissions.require_path(Kind::Read, path, "open", Some(3)).await.unwrap_err();
    assert_eq!((&*error.name, error.code.as_deref()), ("PermissionDenied", Some("EACCES")));
    let wanted = "EACCES: permission denied, open '/no/such/file': needs read access, which is not granted";
    assert_eq!(error.message, wanted);
    let properties = vec![("permission".into(), "read".into()), ("resource".into(), "/no/such/file".into())];
    assert_eq!(error.properties, Some(Value::Object(properties)));
    let audit = told.lock().unwrap().remove(0);
    assert_eq!((audit.granted, audit.basis, audit.request.run), (false, Basis::Policy, Some(3)));
}

#[tokio::test(flavor = "current_thread")]
async fn a_grant_may_be_taken_back() {
    let mut policy = Policy::none();
    policy.allow(Kind::Read, "/no/such").unwrap();
    policy.allow(Kind::Net, "example.com:443").unwrap();
    let permissions = Permissions::new(policy);
    let path = Path::new("/no/such/file");
    let reach = permissions.require_path(Kind::Read, path, "open", None).await.unwrap();
    assert_eq!(reach, Reach::Within("/no/such".into()));
    assert!(permissions.require_path(Kind::Write, path, "open", None).await.is_err());
    assert!(permissions.require_net(Kind::Net, "example.com", 443, "fetch", None).await.is_ok());
    assert!(permissions.require_net(Kind::Import, "example.com", 443, "import", None).await.is_err());
    assert!(permissions.require_env("HOME", None).await.is_err());
    assert!(permissions.require_run(&program("ls", &[]), "spawn", None).await.is_err());
    // threat G14
    permissions.change(|policy| policy.deny_all(Kind::Read));
    assert!(permissions.require_path(Kind::Read, path, "open", None).await.is_err());
    assert_eq!(permissions.policy().describe(Kind::Net), "example.com:443");
}

#[tokio::test(flavor = "current_thread")]
async fn a_person_says_once_always_or_no() {
    let decisions = Mutex::new(vec![Decision::Deny, Decision::Session, Decision::Once, Decision::Deny]);
    let permissions = Permissions::asking(Policy::none(), Arc::new(Person(decisions)));
    let told = told(&permissions);
    let request = async || permissions.require_env("HOME", None).await.is_ok();
    assert_eq!([request().await, request().await, request().await, request().await], [false, true, true, true]);
    assert!(permissions.require_env("PATH", None).await.is_err());
    let bases = told.lock().unwrap().iter().map(|audit| audit.basis).collect::<Vec<_>>();
    assert_eq!(bases, [Basis::Person, Basis::Person, Basis::Person, Basis::Policy, Basis::Person]);
}

/// The embedder is told the rule. JavaScript is not: a rule may name a path that JavaScript does not know.
#[tokio::test(flavor = "current_thread")]
async fn the_auditor_is_told_which_rule_denies() {
    let mut policy = Policy::all();
    for (kind, rule) in [
        (Kind::Read, "/no/such/keys"),
        (Kind::Net, "*.example.com:443"),
        (Kind::Env, "SECRET_*"),
        (Kind::Run, "no-such-program push"),
    ] {
        policy.deny(kind, rule).unwrap();
    }
    policy.deny_all(Kind::Import);
    let permissions = Permissions::new(policy);
    let told = told(&permissions);
    let path = |path| Path::new(path);
    let error = permissions.require_path(Kind::Read, path("/no/such/keys/a"), "open", None).await.unwrap_err();
    assert!(!error.message.contains("/no/such/keys'"), "{}", error.message);
    // To move a folder moves what it holds.
    assert!(permissions.require_path(Kind::Write, path("/no/such"), "rename", None).await.is_err());
    assert!(permissions.require_net(Kind::Net, "a.example.com", 443, "fetch", None).await.is_err());
    assert!(permissions.require_net(Kind::Import, "example.com", 443, "import", None).await.is_err());
    assert!(permissions.require_env("SECRET_KEY", None).await.is_err());
    assert!(permissions.require_run(&program("no-such-program", &["push"]), "spawn", None).await.is_err());
    let rules = told.lock().unwrap().drain(..).map(|audit| audit.rule.unwrap()).collect::<Vec<_>>();
    let wanted = [
        "read /no/such/keys",
        "read /no/such/keys",
        "net *.example.com:443",
        "import everything",
        "env SECRET_*",
        "run no-such-program push",
    ];
    assert_eq!(rules, wanted);
    permissions.change(|policy| policy.revoke(Kind::Env));
    assert!(permissions.require_env("HOME", None).await.is_err());
    assert_eq!(told.lock().unwrap()[0].rule, None);
}

/// No flag has to change before a person says yes.
#[tokio::test(flavor = "current_thread")]
async fn a_denial_by_a_person_says_so_and_names_no_flag() {
    let wanted = "EACCES: permission denied, open '/no/such/file': needs read access, and the person who was asked said no; the \
                  next attempt asks again";
    for names_flags in [false, true] {
        let person = Arc::new(Person(Mutex::new(vec![Decision::Once, Decision::Deny])));
        let permissions = Permissions::asking(Policy::none(), person);
        let permissions = if names_flags { permissions.naming_flags() } else { permissions };
        let read = async || permissions.require_path(Kind::Read, Path::new("/no/such/file"), "open", None).await;
        let error = read().await.unwrap_err();
        assert_eq!(error.message, wanted);
        let properties = error.properties.unwrap();
        assert_eq!((properties.get("deniedBy"), properties.get("flag")), (Some(&"person".into()), None));
        assert!(read().await.is_ok());
    }
}

/// A question without an answer is a denial, and no person's.
#[tokio::test(flavor = "current_thread")]
async fn a_question_without_a_valid_answer_is_a_denial_that_says_so() {
    let permissions = Permissions::asking(Policy::none(), Arc::new(Person(Mutex::new(vec![Decision::Failed]))));
    let told = told(&permissions);
    let error = permissions.require_path(Kind::Read, Path::new("/no/such/file"), "open", None).await.unwrap_err();
    let wanted = "EACCES: permission denied, open '/no/such/file': needs read access; the question whether to grant it got no \
                  valid answer";
    assert_eq!(error.message, wanted);
    assert_eq!(error.properties.unwrap().get("deniedBy"), Some(&"question".into()));
    let told = told.lock().unwrap();
    assert_eq!((told.len(), told[0].granted, told[0].basis), (1, false, Basis::Policy));
}

fn program(name: &str, arguments: &[&str]) -> Program {
    let file = format!("/no/such/{name}");
    let mut program = Program::new(name, &file, &file);
    program.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
    program
}

// threat D4
#[tokio::test(flavor = "current_thread")]
async fn a_session_grants_exactly_what_was_asked() {
    // Whoever is asked once more says no.
    let permissions = |yes| {
        let mut decisions = vec![Decision::Deny; 10];
        decisions.extend(vec![Decision::Session; yes]);
        Permissions::asking(Policy::none(), Arc::new(Person(Mutex::new(decisions))))
    };
    let home = Path::new("/no/such/home");
    let below = &home.join("keys");
    let alone = permissions(1);
    assert!(alone.require_path(Kind::Read, home, "stat", None).await.is_ok());
    assert!(alone.require_path(Kind::Read, home, "stat", None).await.is_ok());
    assert!(alone.require_path(Kind::Read, below, "open", None).await.is_err());
    assert!(alone.require_below(Kind::Read, home, "scandir", None).await.is_err());
    let whole = permissions(1);
    assert!(whole.require_below(Kind::Write, home, "rm", None).await.is_ok());
    assert!(whole.require_path(Kind::Write, below, "open", None).await.is_ok());
    assert!(whole.require_path(Kind::Read, below, "open", None).await.is_err());
    let command = permissions(1);
    assert!(command.require_run(&program("git", &["status"]), "spawn", None).await.is_ok());
    assert!(command.require_run(&program("git", &["status"]), "spawn", None).await.is_ok());
    for other in [program("git", &["status", "-s"]), program("git", &[]), program("sh", &["status"])] {
        assert!(command.require_run(&other, "spawn", None).await.is_err());
    }
}

/// The command's users have flags, and are told which.
#[tokio::test(flavor = "current_thread")]
async fn a_denial_names_flags_where_there_are_some() {
    let mut policy = Policy::none();
    policy.deny_all(Kind::Net);
    let permissions = Permissions::new(policy).naming_flags().for_kernel();
    let error = permissions.require_path(Kind::Read, Path::new("/no/such/file"), "open", None).await.unwrap_err();
    let wanted =
        "EACCES: permission denied, open '/no/such/file': needs read access, which --allow-read=/no/such/file would grant";
    assert_eq!(error.message, wanted);
    assert_eq!(error.properties.unwrap().get("flag"), Some(&"--allow-read=/no/such/file".into()));
    let error = permissions.require_net(Kind::Net, "example.com", 443, "fetch", None).await.unwrap_err();
    assert_eq!(error.message, "EACCES: permission denied, fetch 'example.com:443': --deny-net denies it");
    assert_eq!(error.properties.unwrap().get("flag"), Some(&"--deny-net".into()));
}

/// Who would be asked has no say in what a rule denies.
#[tokio::test(flavor = "current_thread")]
async fn nobody_is_asked_about_what_is_denied() {
    let mut policy = Policy::none();
    policy.deny(Kind::Read, "/no/such/keys").unwrap();
    policy.deny_all(Kind::Run);
    let permissions = Permissions::asking(policy, Arc::new(Person(Mutex::new(vec![Decision::Once]))));
    let error = permissions.require_path(Kind::Read, Path::new("/no/such/keys/x"), "open", None).await.unwrap_err();
    assert_eq!(error.message, "EACCES: permission denied, open '/no/such/keys/x': a rule denies read access to it");
    assert!(permissions.require_run(&program("ls", &[]), "spawn", None).await.is_err());
    // Listing all below would list it.
    assert!(permissions.require_path(Kind::Read, Path::new("/no/such"), "stat", None).await.is_ok());
    let mut policy = Policy::all();
    policy.deny(Kind::Read, "/no/such/keys").unwrap();
    let permissions = Permissions::new(policy);
    assert!(permissions.require_path(Kind::Read, Path::new("/no/such"), "scandir", None).await.is_ok());
    assert!(permissions.require_path(Kind::Write, Path::new("/no/such"), "rename", None).await.is_err());
}

/// Never answers.
struct Silence;

impl Prompt for Silence {
    fn ask(&self, _: PermissionRequest) -> Pending<Decision> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_question_that_is_taken_back_is_told_as_denied() {
    let permissions = Permissions::asking(Policy::none(), Arc::new(Silence));
    let told = told(&permissions);
    {
        let mut first = Box::pin(permissions.require_env("HOME", None));
        let mut second = Box::pin(permissions.require_env("PATH", None));
        let pending = is_pending(&mut first) && is_pending(&mut second);
        assert!(pending && told.lock().unwrap().is_empty());
    }
    // The second was never asked.
    let audits = told.lock().unwrap().iter().map(|audit| (audit.request.resource.clone(), audit.granted)).collect::<Vec<_>>();
    assert_eq!(audits, [("HOME".to_owned(), false)]);
}

/// Whether it is not done after one look.
fn is_pending<T>(future: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> bool {
    future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
}
