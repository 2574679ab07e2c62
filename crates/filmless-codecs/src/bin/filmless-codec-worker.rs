//! The codec worker as a program of its own; `filmless codec-worker` does the same. It does nothing else.

fn main() {
    filmless_codecs::worker::run();
}
