//! Any data set is read as a waveform: within its bounds, and no longer than can be drawn.
#![no_main]

use filmless_dicom::waveform::Waveform;
use filmless_dicom_fuzz::data_set;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Some(header) = data_set(file) else { return };
    let waveform = Waveform::read(&header);
    assert!(waveform.groups.len() <= 8 && waveform.annotations.len() <= 60);
    for group in &waveform.groups {
        assert!((1..=64).contains(&group.channels.len()));
        assert!(group.seconds.is_finite() && group.seconds > 0.0);
        for channel in &group.channels {
            let seconds = channel.values.len() as f64 / group.frequency;
            assert!((1..=4 << 20).contains(&channel.values.len()) && seconds <= 1100.0, "{seconds} s");
        }
    }
});
