import LoamKernels

/// Chooses how a column of numbers is packed, the smallest of the forms that `PackedColumn` reads.
struct ColumnPacking {
  var base: UInt64
  var scale: UInt64 = 1
  var width: Int
  /// Ascending; empty: codes are numbers.
  var table: [UInt64] = []

  /// Fewer numbers do not pay for a table.
  private static let tableNumbersMin = 64

  /// - Parameter signed: numbers are Int64, so that small ones of either sign lie together.
  init(_ numbers: [UInt64], signed: Bool) {
    var (low, high) = (numbers.first ?? 0, numbers.first ?? 0)
    // The highest number means missing among IDs; one before zero, modulo 2^64.
    var hasMissing = false
    let flip: UInt64 = signed ? 1 << 63 : 0
    (low, high) = (.max, 0)
    for number in numbers {
      if number == .max && !signed {
        hasMissing = true
        continue
      }
      low = min(low, number ^ flip)
      high = max(high, number ^ flip)
    }
    guard low <= high else {
      (base, width) = (hasMissing ? .max : 0, 0)
      return
    }
    base = hasMissing ? .max : low ^ flip
    var span = hasMissing ? high &+ 1 : high &- low
    if !hasMissing && span > 0xFF {
      scale = Self.divisor(numbers, base)
      span /= scale
    }
    width = Self.bytes(span)
    if width > 1, numbers.count >= Self.tableNumbersMin { useTable(numbers) }
  }

  private static func bytes(_ highest: UInt64) -> Int { (71 - highest.leadingZeroBitCount) / 8 }

  /// The greatest common divisor of the differences from the base.
  private static func divisor(_ numbers: [UInt64], _ base: UInt64) -> UInt64 {
    var common: UInt64 = 0
    for number in numbers {
      var (a, b) = (number &- base, common)
      while b != 0 { (a, b) = (b, a % b) }
      common = a
      if common == 1 { return 1 }
    }
    return max(common, 1)
  }

  private mutating func useTable(_ numbers: [UInt64]) {
    let most = numbers.count * (width - 1) / 8
    guard let distinct = DistinctNumbers(numbers, most: most) else { return }
    let codeWidth = distinct.count <= 0x100 ? 1 : 2
    guard distinct.count <= 0x1_0000, distinct.count * 8 + numbers.count * codeWidth < numbers.count * width else {
      return
    }
    (base, scale, width, table) = (0, 1, codeWidth, distinct.sorted())
  }

  /// Appends table and codes to a content, and the descriptor to another.
  func append(_ numbers: [UInt64], to content: inout [UInt8], descriptors: inout ByteWriter) {
    while content.count % 8 != 0 { content.append(0) }
    let tableStart = content.count
    table.withUnsafeBytes { content.append(contentsOf: $0) }
    let codesStart = content.count
    if width > 0 { appendCodes(numbers, to: &content) }
    descriptors.append(base)
    descriptors.append(scale)
    descriptors.append(UInt32(codesStart))
    descriptors.append(UInt32(table.isEmpty ? 0 : tableStart))
    descriptors.append(UInt32(table.count))
    descriptors.append(UInt32(width))
  }

  private func appendCodes(_ numbers: [UInt64], to content: inout [UInt8]) {
    let codes = [UInt8](unsafeUninitializedCapacity: numbers.count * width + 8) { bytes, count in
      // Each code is written with eight bytes, of which the next one overwrites what is not its own.
      let place = UnsafeMutableRawPointer(bytes.baseAddress!)
      for (index, number) in numbers.enumerated() {
        place.storeBytes(of: code(number), toByteOffset: index &* width, as: UInt64.self)
      }
      count = numbers.count * width
    }
    content.append(contentsOf: codes)
  }

  @inline(__always)
  private func code(_ number: UInt64) -> UInt64 {
    guard !table.isEmpty else { return scale == 1 ? number &- base : (number &- base) / scale }
    var (low, high) = (0, table.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if table[middle] <= number { low = middle } else { high = middle }
    }
    return UInt64(low)
  }
}

/// The distinct numbers of an array.
private struct DistinctNumbers {
  private(set) var numbers: [UInt64] = []
  var count: Int { numbers.count }
  func sorted() -> [UInt64] { numbers.sorted() }

  /// `nil`: there are more than `most`.
  init?(_ all: [UInt64], most: Int) {
    var bits = 6
    while 1 << bits < 2 * (most + 1) { bits += 1 }
    // Positions in `numbers`, plus one.
    var slots = [UInt32](repeating: 0, count: 1 << bits)
    for number in all {
      var slot = Int(truncatingIfNeeded: loam_mix64(number) >> UInt64(64 - bits))
      while slots[slot] != 0 && numbers[Int(slots[slot]) - 1] != number { slot = (slot + 1) & (1 << bits - 1) }
      if slots[slot] != 0 { continue }
      if numbers.count == most { return nil }
      numbers.append(number)
      slots[slot] = UInt32(numbers.count)
    }
  }
}
