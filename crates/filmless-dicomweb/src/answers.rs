//! Answers that take work to make and are asked for again: metadata and pictures.
//!
//! What an answer is made of, the index is asked each time, with the rights of who asks. So nobody finds an answer here
//! that could not be made for them now: one of what is deleted or replaced stays unfound until others take its room.

use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use lru::LruCache;
use sha2::{Digest as _, Sha256};

/// A whole answer with its `Content-Type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it is.
    pub content_type: String,
    /// The bytes.
    pub body: Bytes,
}

/// Names an answer by all that it is made of: versions, and what was asked of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerKey([u8; 32]);

impl AnswerKey {
    /// The key of these. Others that lead to the same key cannot be found, so no answer stands for another.
    pub fn of(made_of: &impl Hash) -> Self {
        let mut hasher = Sha256Hasher(Sha256::new());
        made_of.hash(&mut hasher);
        Self(hasher.0.finalize().into())
    }
}

struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the whole digest is taken")
    }
}

/// The answers of this process: those used last, as many as fit.
#[derive(Debug)]
pub struct Answers {
    kept: Mutex<Kept>,
    max_bytes: usize,
}

#[derive(Debug)]
struct Kept {
    answers: LruCache<AnswerKey, Answer>,
    bytes: usize,
}

impl Answers {
    /// Room for answers of so many bytes together; for none if 0.
    pub fn new(max_bytes: usize) -> Self {
        Self { kept: Mutex::new(Kept { answers: LruCache::unbounded(), bytes: 0 }), max_bytes }
    }

    /// The answer, if it is here.
    pub fn get(&self, key: AnswerKey) -> Option<Answer> {
        self.kept().answers.get(&key).cloned()
    }

    /// Keeps an answer, unless it would take a large part of the room.
    pub fn keep(&self, key: AnswerKey, answer: &Answer) {
        const PART: usize = 4;
        let size = |answer: &Answer| answer.body.len() + answer.content_type.len() + size_of::<(AnswerKey, Answer)>();
        if size(answer) > self.max_bytes / PART {
            return;
        }
        let mut kept = self.kept();
        kept.bytes += size(answer);
        if let Some((_, replaced)) = kept.answers.push(key, answer.clone()) {
            kept.bytes -= size(&replaced);
        }
        while kept.bytes > self.max_bytes {
            let Some((_, oldest)) = kept.answers.pop_lru() else { return };
            kept.bytes -= size(&oldest);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: usize) -> Answer {
        Answer { content_type: "image/jpeg".to_owned(), body: Bytes::from(vec![0; length]) }
    }

    #[test]
    fn the_answers_used_last_are_kept_within_the_bound() {
        let answers = Answers::new(10_000);
        let keys: Vec<_> = (0..10).map(|n| AnswerKey::of(&("picture", n))).collect();
        for key in &keys {
            answers.keep(*key, &answer(1_500));
            assert!(answers.get(keys[0]).is_some(), "it is used again and again");
        }
        assert!(answers.kept().bytes <= 10_000);
        assert_eq!(answers.get(keys[9]), Some(answer(1_500)));
        assert_eq!(answers.get(keys[1]), None);

        answers.keep(keys[9], &answer(10));
        assert_eq!(answers.get(keys[9]), Some(answer(10)));
        answers.keep(keys[1], &answer(9_000));
        assert_eq!(answers.get(keys[1]), None, "one must not put all others out");
    }

    #[test]
    fn keys_differ_where_anything_differs() {
        let keys = [
            AnswerKey::of(&("ab", "c")),
            AnswerKey::of(&("a", "bc")),
            AnswerKey::of(&("ab", "c", 1_u8)),
            AnswerKey::of(&(vec![1, 2], vec![3])),
            AnswerKey::of(&(vec![1], vec![2, 3])),
        ];
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(key), "{place}");
        }
    }
}
