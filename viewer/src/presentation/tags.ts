/** The attributes that say how an image is to be seen, by their keyword (PS3.6 section 6, Registry of DICOM Data Elements). */
export const PresentationTag = {
  ShutterShape: '00181600',
  ShutterLeftVerticalEdge: '00181602',
  ShutterRightVerticalEdge: '00181604',
  ShutterUpperHorizontalEdge: '00181606',
  ShutterLowerHorizontalEdge: '00181608',
  CenterOfCircularShutter: '00181610',
  RadiusOfCircularShutter: '00181612',
  VerticesOfThePolygonalShutter: '00181620',
  ShutterPresentationValue: '00181622',
  ShutterOverlayGroup: '00181623',
  ShutterPresentationColorCieLabValue: '00181624',
  FrameDisplayShutterSequence: '00189472',
} as const;
