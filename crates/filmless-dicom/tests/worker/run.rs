//! The codec worker that the tests of this crate start, as the product starts `filmless codec-worker`.

fn main() {
    filmless_codecs::worker::run();
}
