//! C-ECHO (PS3.7 section 9.1.5, PS3.4 annex A): says that we are here.

use crate::command::CommandTag;
use crate::message::Message;
use crate::negotiation::VERIFICATION;
use crate::status::Status;

/// Answers in whatever context was accepted: devices have been seen to echo in their storage context.
pub(crate) fn perform(message: &Message) -> Status {
    if message.has_data_set {
        return Status::wrong_data_set_type();
    }
    match message.command.text(CommandTag::AFFECTED_SOP_CLASS_UID) {
        Some(VERIFICATION) | None => Status::SUCCESS,
        Some(_) => Status::sop_class_not_supported(),
    }
}
