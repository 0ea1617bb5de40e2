//! Restricts the processor's speculation in this process, as far as the system allows a process to do so.

use rustix::process::{
    SpeculationFeature, SpeculationFeatureControl, SpeculationFeatureState, control_speculative_feature,
    speculative_feature_state,
};

use super::Applied;

/// Switches off, for good, what other processes or this one's own memory could be read by. Holds for this thread and
/// those that it starts.
pub(super) fn restrict() -> Applied {
    let features = [
        ("store bypass", SpeculationFeature::SpeculativeStoreBypass),
        ("indirect branches", SpeculationFeature::IndirectBranchSpeculation),
    ];
    let (on, off): (Vec<_>, Vec<_>) =
        features.into_iter().map(|(name, feature)| (name, switch_off(feature))).partition(|(_, off)| off.is_ok());
    let told = |list: &[(&str, Result<&str, &str>)]| {
        list.iter().map(|(name, state)| format!("{name}: {}", state.unwrap_or_else(|why| why))).collect::<Vec<_>>().join(", ")
    };
    if off.is_empty() { Ok(told(&on)) } else { Err(told(&[on, off].concat())) }
}

fn switch_off(feature: SpeculationFeature) -> Result<&'static str, &'static str> {
    const OFF: SpeculationFeatureState = SpeculationFeatureState::DISABLE.union(SpeculationFeatureState::FORCE_DISABLE);
    let state = speculative_feature_state(feature).ok().flatten().ok_or("this system does not tell")?;
    if state.is_empty() {
        return Ok("this processor is not affected");
    }
    if state.intersects(OFF) && !state.contains(SpeculationFeatureState::PRCTL) {
        return Ok("off for the whole system");
    }
    match control_speculative_feature(feature, SpeculationFeatureControl::FORCE_DISABLE) {
        Ok(()) => Ok("off"),
        Err(_) => Err("this system does not let a process decide"),
    }
}
