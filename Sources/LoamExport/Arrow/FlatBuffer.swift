/// Builds a FlatBuffer from its end to its beginning, as the format asks: what is referred to stands behind what refers.
///
/// Bytes are kept in reverse order; a place is the count of bytes from the buffer's end.
struct FlatBuffer {
  /// The place of a table, vector or string.
  typealias Place = Int
  private var reversed: [UInt8] = []
  private var alignmentMax = 8

  /// Pads so that `bytes` more end at a multiple of `alignment`.
  private mutating func align(_ alignment: Int, after bytes: Int = 0) {
    alignmentMax = max(alignmentMax, alignment)
    while (reversed.count + bytes) % alignment != 0 { reversed.append(0) }
  }

  mutating func push<Number: FixedWidthInteger>(_ number: Number) {
    align(Number.bitWidth / 8)
    withUnsafeBytes(of: number.littleEndian) { reversed.append(contentsOf: $0.reversed()) }
  }

  /// A distance forward to something that is there already.
  private mutating func push(referringTo place: Place) {
    align(4)
    push(UInt32(reversed.count + 4 - place))
  }

  mutating func string(_ text: String) -> Place {
    align(4, after: text.utf8.count + 1)
    reversed.append(0)
    reversed.append(contentsOf: text.utf8.reversed())
    push(UInt32(text.utf8.count))
    return reversed.count
  }

  mutating func vector(of places: [Place]) -> Place {
    align(4, after: places.count * 4)
    for place in places.reversed() { push(referringTo: place) }
    push(UInt32(places.count))
    return reversed.count
  }

  /// Structs of `words` numbers of 64 bits each.
  mutating func vector(ofStructs structs: [[Int64]], words: Int) -> Place {
    align(8, after: structs.count * words * 8)
    for words in structs.reversed() { for word in words.reversed() { push(word) } }
    // The count stands in the four bytes before the aligned elements.
    push(UInt32(structs.count))
    return reversed.count
  }

  enum Field {
    case byte(UInt8)
    case short(Int16)
    case int(Int32)
    case long(Int64)
    case reference(Place)
  }

  /// A table of the fields that are given; `nil`: the field has its default.
  mutating func table(_ fields: [Field?]) -> Place {
    let begin = reversed.count
    var places = [Int](repeating: 0, count: fields.count)
    // Wide fields first, so that few bytes are padding.
    let order = fields.indices.filter { fields[$0] != nil }.sorted { fields[$0]!.size > fields[$1]!.size }
    for index in order.reversed() {
      switch fields[index]! {
      case .byte(let value): push(value)
      case .short(let value): push(value)
      case .int(let value): push(value)
      case .long(let value): push(value)
      case .reference(let place): push(referringTo: place)
      }
      places[index] = reversed.count
    }
    push(Int32(0))
    let table = reversed.count
    for place in places.reversed() { push(UInt16(place == 0 ? 0 : table - place)) }
    push(UInt16(table - begin))
    push(UInt16(2 * (fields.count + 2)))
    let distance = Int32(reversed.count - table)
    withUnsafeBytes(of: distance.littleEndian) { bytes in
      for (index, byte) in bytes.enumerated() { reversed[table - 1 - index] = byte }
    }
    return table
  }

  /// The bytes, which begin with the way to the root.
  consuming func finished(root: Place) -> [UInt8] {
    align(alignmentMax, after: 4)
    push(referringTo: root)
    return reversed.reversed()
  }
}

extension FlatBuffer.Field {
  fileprivate var size: Int {
    switch self {
    case .byte: 1
    case .short: 2
    case .int, .reference: 4
    case .long: 8
    }
  }
}
