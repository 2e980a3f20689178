/// Numbers with like bytes side by side: all first bytes, then all second ones.
enum BytePlanes {
  static func split(_ bytes: [UInt8], elementBytes: Int) -> [UInt8] {
    guard elementBytes > 1 else { return bytes }
    let count = bytes.count / elementBytes
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { planes, initialised in
      for plane in 0..<elementBytes {
        for index in 0..<count { planes[plane * count + index] = bytes[index * elementBytes + plane] }
      }
      initialised = count * elementBytes
    }
  }

  static func join(_ planes: [UInt8], elementBytes: Int) -> [UInt8] {
    guard elementBytes > 1 else { return planes }
    let count = planes.count / elementBytes
    return [UInt8](unsafeUninitializedCapacity: planes.count) { bytes, initialised in
      for plane in 0..<elementBytes {
        for index in 0..<count { bytes[index * elementBytes + plane] = planes[plane * count + index] }
      }
      initialised = count * elementBytes
    }
  }

  static func split(_ numbers: [UInt64]) -> [UInt8] {
    split(numbers.withUnsafeBytes { [UInt8]($0) }, elementBytes: 8)
  }

  static func numbers(_ planes: [UInt8]) -> [UInt64] {
    let bytes = join(planes, elementBytes: 8)
    return bytes.withUnsafeBytes { raw in
      (0..<bytes.count / 8).map { raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
    }
  }

  static func differences(_ numbers: [UInt64]) -> [UInt64] {
    var previous: UInt64 = 0
    return numbers.map { number in
      defer { previous = number }
      return number &- previous
    }
  }

  static func sums(_ differences: [UInt64]) -> [UInt64] {
    var number: UInt64 = 0
    return differences.map { difference in
      number &+= difference
      return number
    }
  }
}
