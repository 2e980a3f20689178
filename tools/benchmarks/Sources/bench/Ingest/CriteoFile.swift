import Foundation

/// A Criteo-shaped TSV without a header: a click, 13 counts, 26 categories of 8 hexadecimal digits by Zipf draws.
struct CriteoFile {
  let path: String
  let bytes: Int

  private static let missingCounts = 0.1
  private static let linesPerWrite = 16_384

  /// Written where it is not there yet.
  init(at scratch: String, rows: Int) throws {
    path = "\(scratch)/criteo-\(rows).tsv"
    if !FileManager.default.fileExists(atPath: path) {
      note("writing \(path)")
      try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
      try Self.write(rows, to: path + ".partial")
      try FileManager.default.moveItem(atPath: path + ".partial", toPath: path)
    }
    bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int
  }

  private static func write(_ rows: Int, to path: String) throws {
    FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    var random = Draw(seed: 1)
    var text: [UInt8] = []
    for row in 0..<rows {
      appendRow(to: &text, &random)
      if (row + 1) % linesPerWrite == 0 || row + 1 == rows {
        try file.write(contentsOf: text)
        text.removeAll(keepingCapacity: true)
      }
    }
    try file.close()
  }

  private static func appendRow(to text: inout [UInt8], _ random: inout Draw) {
    let shape = TrainLog.Shape.criteo
    text.append(random.uniform() < 0.25 ? 0x31 : 0x30)
    for _ in 0..<TrainLog.dense {
      text.append(0x09)
      // Geometric, with the mean 20.
      let count = Int(log(1 - random.uniform()) / log(0.95)) + 1
      if random.uniform() >= missingCounts { text += String(count).utf8 }
    }
    for (field, ids) in shape.ids.enumerated() {
      text.append(0x09)
      let id = UInt32(random.zipf(shape.exponent) % UInt64(ids)) &* 2_654_435_761 &+ UInt32(97 * field)
      if random.uniform() >= shape.missing { appendHexadecimal(id, to: &text) }
    }
    text.append(0x0A)
  }

  private static func appendHexadecimal(_ number: UInt32, to text: inout [UInt8]) {
    for shift in stride(from: 28, through: 0, by: -4) {
      let digit = UInt8(number >> UInt32(shift) & 15)
      text.append(digit + (digit < 10 ? 0x30 : 0x57))
    }
  }
}
