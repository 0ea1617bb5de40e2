//! What to do about what a system lacks for the confinement of kernels.

use drupe_client::SandboxLayer;

/// What each layer needs.
const NEEDS: [(&str, &str); 8] = [
    ("descriptors", "needs the call close_range: Linux 5.9 or newer, and in a container a profile that allows it"),
    ("parent", "needs the call prctl: in a container, take a profile that allows it"),
    ("limits", "needs the call prlimit64: in a container, take a profile that allows it"),
    ("privileges", "needs the calls prctl and capset: in a container, take a profile that allows them"),
    (
        "seccomp",
        "needs a kernel with CONFIG_SECCOMP_FILTER (`grep Seccomp /proc/self/status` must print lines), and permission for the calls \
         seccomp and prctl: in a container, take a profile that allows them, as the usual one of Docker and Podman does",
    ),
    (
        "landlock",
        "needs Linux 5.13 or newer that was built with CONFIG_SECURITY_LANDLOCK and started with landlock in its list `lsm=` \
         (`cat /sys/kernel/security/lsm`); strict goes on without it",
    ),
    (
        "namespaces",
        "needs user namespaces: sysctl user.max_user_namespaces above 0, and on Debian and Ubuntu \
         kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0; hardened goes on without it",
    ),
    ("speculation", "is for the processor and the system to decide; hardened goes on without it"),
];

/// For each layer that is missing, what to do; without those that no level asks for.
pub(crate) fn advice(layers: &[SandboxLayer]) -> Vec<String> {
    let missing = layers.iter().filter(|layer| !layer.on);
    let known = missing.filter_map(|layer| NEEDS.iter().find(|(name, _)| *name == layer.name));
    let mut advice = known.map(|(name, needs)| format!("{name} {needs}")).collect::<Vec<_>>();
    if layers.iter().any(|layer| !layer.on && layer.name == "system") {
        advice
            .push("the lock-down is made for Linux: use a virtual machine with Linux for code that you do not trust".to_owned());
    }
    advice
}

#[cfg(test)]
mod tests {
    use drupe_client::SandboxLayer;

    use super::advice;

    #[test]
    fn each_missing_layer_has_its_advice() {
        let layers = [("seccomp", false), ("landlock", false), ("limits", true), ("cgroup", false)]
            .map(|(name, on)| SandboxLayer::new(name, on, "why"));
        let advice = advice(&layers);
        assert_eq!(advice.len(), 2, "{advice:?}");
        assert!(advice[0].starts_with("seccomp needs") && advice[1].starts_with("landlock needs"), "{advice:?}");
    }
}
