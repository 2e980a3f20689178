import LoamSchema

/// An event as it lies in the store's map. Valid as long as the reader that gave it.
public struct EventPlace: Equatable {
  let content: UnsafeRawPointer
  let position: Int

  public var time: Timestamp { Timestamp(bitPattern: EventBlockView(content).times[position]) }
  public var knownAt: Timestamp {
    let view = EventBlockView(content)
    return Timestamp(bitPattern: view.times[position] &+ view.delays[position])
  }
  public var entity: ID {
    let view = EventBlockView(content)
    // The last entity whose first event is not beyond this one.
    var (low, high) = (0, view.entities)
    while high - low > 1 {
      let middle = (low + high) / 2
      if view.firsts[middle] <= UInt64(position) { low = middle } else { high = middle }
    }
    return view.entityIDs[low]
  }
}

/// A field of events at their places. Keeps the column of the block that it read last.
public struct EventFieldReader {
  private let field: Int
  private let missing: UInt64
  private var content: UnsafeRawPointer?
  private var column: PackedColumn?

  public init(_ reader: TimelineReader, field: Int) {
    self.field = field
    missing = reader.fields[field].missing
  }

  /// The bits of the value: an ID, or those of a Float.
  @inline(__always)
  public mutating func bits(_ place: EventPlace) -> UInt64 {
    if content != place.content { turn(to: place.content) }
    return column?[place.position] ?? missing
  }

  /// The value of a real field; NaN: missing.
  @inline(__always)
  public mutating func real(_ place: EventPlace) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: bits(place)))
  }

  @inline(__always)
  private mutating func turn(to content: UnsafeRawPointer) {
    self.content = content
    let view = EventBlockView(content)
    // A block that is older than the field misses it.
    column = field < view.fields ? view.field(field) : nil
  }
}

extension TimelineReader {
  /// Copies fields of an event one after the other: IDs as u64 or reals as f32, which all of them must be.
  public func copy(_ place: EventPlace, fields wanted: [Int], isID: Bool, into out: UnsafeMutableRawPointer) {
    let view = EventBlockView(place.content)
    let known = view.fields
    for (index, field) in wanted.enumerated() {
      // A block that is older than the field misses it.
      let bits = field < known ? view.field(field)[place.position] : fields[field].missing
      if isID {
        out.storeBytes(of: bits, toByteOffset: index &* 8, as: UInt64.self)
      } else {
        out.storeBytes(of: UInt32(truncatingIfNeeded: bits), toByteOffset: index &* 4, as: UInt32.self)
      }
    }
  }
}
