/// Numbers at fixed width, read in place: `base + scale * code`, or `table[code]`, all modulo 2^64.
///
/// ```
///   times 1700000000, 1700003600, 1700010800     base 1700000000, scale 3600, codes 0 1 3 of one byte
/// ```
///
/// A code takes 0 to 8 bytes, so any number is found without reading those before it.
struct PackedColumn {
  /// The descriptor: base u64, scale u64, place of codes u32, place of table u32, table entries u32, code width u8, 0 x 3.
  static let descriptorBytes = 32
  /// Codes are read eight bytes at a time, so that as many follow the last one.
  static let tailBytes = 8

  let codes: UnsafeRawPointer
  /// `nil`: codes are numbers.
  let table: UnsafeRawPointer?
  let base: UInt64
  let scale: UInt64
  let width: Int
  let mask: UInt64

  /// - Parameters:
  ///   - descriptor: its position in a content that was validated.
  @inline(__always)
  init(_ content: UnsafeRawPointer, descriptor: Int) {
    let place = content + descriptor
    base = place.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
    scale = place.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    codes = content + Int(place.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    let entries = place.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
    table = entries == 0 ? nil : content + Int(place.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    width = Int(place.load(fromByteOffset: 28, as: UInt8.self))
    mask = Self.mask(width)
  }

  static func mask(_ width: Int) -> UInt64 { width == 0 ? 0 : UInt64.max >> UInt64(64 - 8 * width) }

  /// All numbers are the same one.
  var isConstant: Bool { width == 0 }

  @inline(__always)
  subscript(index: Int) -> UInt64 {
    let code = codes.loadUnaligned(fromByteOffset: index &* width, as: UInt64.self) & mask
    guard let table else { return base &+ scale &* code }
    return table.loadUnaligned(fromByteOffset: Int(truncatingIfNeeded: code) &* 8, as: UInt64.self)
  }

  /// Throws for a descriptor at `descriptor` that does not describe `count` numbers within the content.
  static func validate(
    _ content: UnsafeRawBufferPointer, descriptor: Int, count: Int, place: String
  ) throws(StoreError) {
    func number(_ offset: Int) -> Int {
      Int(content.loadUnaligned(fromByteOffset: descriptor + offset, as: UInt32.self))
    }
    let (codes, table, entries, width) = (number(16), number(20), number(24), Int(content[descriptor + 28]))
    guard width <= 8, codes <= content.count, count * width + tailBytes <= content.count - codes,
      table <= content.count, entries * 8 <= content.count - table
    else { throw StoreError(.badBlock, "\(place): a column beyond the block's \(content.count) bytes") }
    guard entries > 0 else { return }
    let column = PackedColumn(content.baseAddress!, descriptor: descriptor)
    var highest: UInt64 = 0
    for index in 0..<count {
      highest = max(highest, column.codes.loadUnaligned(fromByteOffset: index * width, as: UInt64.self) & column.mask)
    }
    guard highest < entries else { throw StoreError(.badBlock, "\(place): a code beyond its column's table") }
  }
}
