import LoamSchema

/// Answers with what was asked before them: IDs, time and carried columns of a request, then its features.
public struct RequestRecords: Sendable {
  /// Of the request's time, whatever the column of the requests' file is called and counts in.
  public static let timeColumn = "time_microseconds"

  /// Of a whole record.
  public let layout: ViewLayout
  /// Bytes before the features.
  public let requestBytes: Int

  /// - Parameter spaces: of the view's IDs.
  public init(_ view: FeatureView, _ features: ViewLayout, spaces: [String]) {
    var layout = ViewLayout()
    for (name, space) in zip(view.ids, spaces) { layout.add(name, .id(space: space), count: nil) }
    layout.add(Self.timeColumn, .number, count: nil)
    for name in view.carry { layout.add(name, .real, count: nil) }
    requestBytes = layout.rowBytes
    for column in features.columns { layout.add(column.name, column.element, count: column.count) }
    self.layout = layout
  }

  /// Records of requests in their order: `[requests, rowBytes]`.
  public func records(
    _ requests: ViewRequests, carry: [[Float]], rows: UnsafeRawBufferPointer
  ) -> [UInt8] {
    let featureBytes = layout.rowBytes - requestBytes
    return [UInt8](unsafeUninitializedCapacity: requests.count * layout.rowBytes) { bytes, count in
      let out = UnsafeMutableRawPointer(bytes.baseAddress!)
      for request in 0..<requests.count {
        let record = out + request * layout.rowBytes
        var offset = 0
        for ids in requests.ids {
          record.storeBytes(of: ids[request], toByteOffset: offset, as: UInt64.self)
          offset += 8
        }
        record.storeBytes(of: requests.times[request], toByteOffset: offset, as: Int64.self)
        offset += 8
        for column in carry {
          record.storeBytes(of: column[request], toByteOffset: offset, as: Float.self)
          offset += 4
        }
        if featureBytes > 0 {
          (record + offset).copyMemory(from: rows.baseAddress! + request * featureBytes, byteCount: featureBytes)
        }
      }
      count = requests.count * layout.rowBytes
    }
  }
}
