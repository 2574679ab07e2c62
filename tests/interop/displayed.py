"""What a display shows of an image, as pydicom reads it: no renderer of ours has a part in it.

Grey is windowed by the first window of the file, else by its first VOI LUT (PS3.3 C.11.2); colours are as they are.
"""
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array


def stored_range(data_set):
    """The range that apply_voi_lut maps a window to."""
    bits = data_set.BitsStored
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if data_set.PixelRepresentation else (0, 2**bits - 1)
    slope, intercept = float(data_set.get("RescaleSlope", 1)), float(data_set.get("RescaleIntercept", 0))
    return low * slope + intercept, high * slope + intercept


def grey(data_set, samples):
    """The samples as a display shows them, 0 to 255."""
    values = apply_voi_lut(apply_modality_lut(samples, data_set), data_set, prefer_lut=False).astype(float)
    if "WindowCenter" in data_set:
        low, high = stored_range(data_set)
    else:
        low, high = 0, 2 ** int(data_set.VOILUTSequence[0].LUTDescriptor[2]) - 1
    picture = (values - low) / (high - low) * 255
    return 255 - picture if data_set.PhotometricInterpretation == "MONOCHROME1" else picture


def expected(data_set):
    """What pydicom makes of the first frame; a reason where it says nothing of what a display shows."""
    try:
        samples = pixel_array(data_set, index=0)
    except Exception:  # Whatever its decoders raise: they are not on trial.
        return None, "not decoded by pydicom"
    interpretation = data_set.PhotometricInterpretation
    if interpretation == "PALETTE COLOR":
        colours = apply_color_lut(samples, data_set).astype(float)
        return (colours / 257 if data_set.RedPaletteColorLookupTableDescriptor[2] == 16 else colours), None
    if not interpretation.startswith("MONOCHROME"):
        return samples.astype(float), None
    if "WindowCenter" not in data_set and "VOILUTSequence" not in data_set:
        return None, "no window"
    return grey(data_set, samples), None
