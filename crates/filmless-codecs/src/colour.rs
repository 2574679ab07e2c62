//! One colour for another.

/// The inverse of PS3.3 C.7.6.3.1.2's equations for `YBR_FULL`, in 16 bits of fraction.
pub fn ybr_full_to_rgb([luminance, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luminance, blue, red) = (i32::from(luminance) << 16, i32::from(blue) - 128, i32::from(red) - 128);
    // 1.402, 0.344136, 0.714136 and 1.772 times 2^16, rounded.
    let channels = [luminance + 91_881 * red, luminance - 22_554 * blue - 46_802 * red, luminance + 116_130 * blue];
    channels.map(|channel| u8::try_from(((channel + 0x8000) >> 16).clamp(0, 255)).unwrap_or(u8::MAX))
}
