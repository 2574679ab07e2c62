/** Studies of testdata/dicom that the tests open. */
export const studies = {
  ctHeadPhantom: '1.3.46.670589.33.1.27492712521914879309.27169771283235650014',
  mrSagittal: '1.3.12.2.1107.5.2.43.67060.30000022040717195958300000010',
  dxMonochrome1: '1.2.826.0.1.3680043.8.498.54401662452014863547255413372440461885',
  crJpeg2000: '1.3.6.1.4.1.5962.1.2.11.20040826185059.5457',
  usCine: '1.2.840.113543.6.6.1.1.4.2415947926921624359.20123533248',
  usLongCine: '1.2.840.114340.3.8251017118051.1.20160503.120850.2171',
  usPalette: '1.3.46.670589.14.1000.210.4.199999.20110525182825.1.0',
  usRgb: '999.999.2.19941105.112000',
  model: '1.2.276.0.7230010.3.1.2.8323328.20888.1795292835.113113',
  ecg: '1.3.76.13.65829.2.20130125082826.1072139.2',
  pdf: '1.2.276.0.7230010.3.1.2.8323328.20887.1795292835.94519',
  videoH264: '1.2.826.0.1.3680043.8.498.76488981596256750641522137183394369210',
  videoH265: '1.2.826.0.1.3680043.8.498.12067413308640579643504166244962724410',
  lutStates: '1.2.276.0.7230010.3.200.6',
} as const;

/** An image to open: of the first series unless it is named, the first image unless its place in the series is. */
interface Sample {
  readonly name: string;
  readonly study: string;
  readonly series?: string;
  readonly place?: number;
}

/** One image for each transfer syntax, or family of them. */
export const encodings: readonly Sample[] = [
  { name: 'JPEG baseline, colour', study: studies.usLongCine },
  { name: 'JPEG extended', study: '1.3.6.1.4.1.5962.1.2.8.20040826185059.5457', place: 2 },
  { name: 'JPEG baseline declared as lossless', study: '1.2.246.10.22143774.10001678204403125.12554.10629' },
  { name: 'JPEG 2000', study: studies.crJpeg2000 },
  { name: 'JPEG 2000 lossless, colour', study: '1.3.6.1.4.35045.178713654550621507378357964392981662901' },
  { name: 'RLE, palette', study: studies.usPalette },
  { name: 'deflated', study: '1.3.6.1.4.1.5962.1.2.0.977067310.6001.0' },
  {
    name: 'HTJ2K lossless',
    study: '1.3.12.2.1107.5.2.32.35131.30000014022817282751500000052',
    series: '1.2.826.0.1.3680043.8.498.36928339244827550516407350342617044455',
  },
  {
    name: 'HTJ2K lossless RPCL',
    study: '1.3.12.2.1107.5.2.32.35131.30000014022817282751500000052',
    series: '1.2.826.0.1.3680043.8.498.43882364468444906830873250182225384167',
  },
  {
    name: 'JPEG XL lossless',
    study: '1.3.12.2.1107.5.2.32.35131.30000014022817282751500000052',
    series: '1.2.826.0.1.3680043.8.498.13134290921317711162511393810138093610',
  },
];

/** One MR image stored uncompressed, and as RLE, JPEG lossless and JPEG-LS: the same pixels. */
export const sameImage = {
  study: '1.3.12.2.1107.5.2.32.35131.30000014022817282751500000052',
  series: '1.3.12.2.1107.5.2.32.35131.2014031012481958900586557.0.0.0',
} as const;
