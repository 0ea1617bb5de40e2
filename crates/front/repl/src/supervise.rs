//! Waits for the work of a command. Meanwhile Ctrl-C stops the work, and questions are asked.

use std::{future::IntoFuture, pin::pin};

use drupe_client::{Kernel, RunId};
use tokio::time::{Instant, sleep_until};

use crate::{
    Follower, ReplError,
    asking::Asked,
    follow::question,
    input_question::Typed,
    interrupt_presses::{Press, Presses},
    prompt_queue::Question,
    run_questions::Noted,
    show::Show,
    tty::{hung_up, keep_typed},
};

/// Waits for `kernel` to do something, and says whether Ctrl-C was pressed. The first press interrupts what the kernel
/// does, and `run` if it still waits for its turn. One that comes when this has not helped for a while restarts it:
/// then the work ends, too.
pub(crate) async fn supervise<T>(
    kernel: &Kernel,
    follower: &mut Follower,
    show: &mut dyn Show,
    run: Option<RunId>,
    work: impl IntoFuture<Output = T>,
) -> Result<(T, bool), ReplError> {
    let mut work = pin!(work.into_future());
    follower.forget_presses();
    let mut presses = Presses::default();
    loop {
        let patience = presses.patience();
        tokio::select! {
            biased;
            () = hung_up(&follower.terminal) => return Err(ReplError::HungUp),
            Some(()) = follower.interrupts.recv() => {
                if presses.is_same() {
                    continue;
                }
                show.interrupting().map_err(ReplError::Output)?;
                let (kernel, again) = (kernel.clone(), presses.press() == Press::Again);
                if let Some(run) = run.filter(|_| !again) {
                    // Before what it waits behind is stopped: then it could come to its end.
                    kernel.interrupt_run(run);
                }
                // A kernel that is gone has been stopped.
                tokio::spawn(async move {
                    if again { drop(kernel.restart().await) } else { drop(kernel.interrupt().await) }
                });
            }
            never = keep_typed(&follower.terminal) => match never {},
            // What reads standard input can wait: the work goes on without.
            question = question(&mut follower.questions, false) => {
                if put(kernel, follower, show, question).await? {
                    presses.press();
                }
            }
            done = &mut work => return Ok((done, presses.is_pressed())),
            () = sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => {
                show.still_there().map_err(ReplError::Output)?;
                presses.lose_patience();
            }
        }
    }
}

/// Waits for something that is not the kernel's. `None`: Ctrl-C was pressed, and it was given up.
pub(crate) async fn wait_for<T>(
    follower: &mut Follower,
    show: &mut dyn Show,
    work: impl Future<Output = T>,
) -> Result<Option<T>, ReplError> {
    let mut work = pin!(work);
    follower.forget_presses();
    tokio::select! {
        biased;
        () = hung_up(&follower.terminal) => Err(ReplError::HungUp),
        Some(()) = follower.interrupts.recv() => {
            show.interrupting().map_err(ReplError::Output)?;
            Ok(None)
        }
        never = keep_typed(&follower.terminal) => match never {},
        done = &mut work => Ok(Some(done)),
    }
}

/// Asks the person something outside of a run that is followed. Says whether they pressed Ctrl-C instead.
pub(crate) async fn put(
    kernel: &Kernel,
    follower: &mut Follower,
    show: &mut dyn Show,
    question: Question,
) -> Result<bool, ReplError> {
    follower.forget_presses();
    let question = if question.is_input() {
        match follower.ask_for_input(question, None, show, &mut Noted::default()).await? {
            Typed::Interrupted(question) => question,
            Typed::Aside(input, other) => {
                follower.ask_first(other, input, true);
                return Ok(false);
            }
            Typed::Done | Typed::Over(_) => return Ok(false),
        }
    } else {
        match follower.ask(question, show).await? {
            Asked::Interrupted(question) => question,
            Asked::Done => return Ok(false),
        }
    };
    show.interrupting().map_err(ReplError::Output)?;
    // A kernel that is gone has been interrupted.
    drop(kernel.interrupt().await);
    // A program that reads gets an error, and no end of its input.
    if !question.is_input() {
        question.refuse();
    }
    Ok(true)
}
