import LoamSchema

extension ModelConfig {
  private static let units = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
  ]
  private static let memoryLeast = 16 << 20

  /// Bytes from `512MB`, `1.5 GiB` or `536870912`.
  static func memory(_ value: YAMLValue) throws(SchemaError) -> Int {
    let text = try value.string()
    let unit = units.first { text.hasSuffix($0.0) }
    let number = text.dropLast(unit?.0.count ?? 0).trimming(" ")
    let bytes = Double(number).map { $0 * Double(unit?.1 ?? 1) }
    guard let bytes, bytes >= Double(memoryLeast), bytes < 0x1p62 else {
      throw value.refused("must be a size of at least 16 MiB, such as 512MB or 4GiB, found '\(text)'")
    }
    return Int(bytes)
  }
}

extension Substring {
  fileprivate func trimming(_ space: Character) -> Substring {
    var text = self
    while text.last == space { text.removeLast() }
    return text
  }
}
