/// Reads the Python dictionary of a .npy header: three keys, each once, and nothing else.
struct NPYScanner {
  private let bytes: [UInt8]
  private let name: String
  private var offset = 0

  init(_ bytes: [UInt8], _ name: String) { (self.bytes, self.name) = (bytes, name) }

  private func refusal(_ what: String) -> ImportError {
    ImportError(.malformed, "\(name): header, byte \(offset): \(what)")
  }

  mutating func header() throws(ImportError) -> (descr: String, shape: [Int]) {
    var descr: String?
    var shape: [Int]?
    var isFortran: Bool?
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descr == nil:
        skipBlanks()
        guard offset < bytes.count, bytes[offset] != UInt8(ascii: "[") else {
          throw ImportError(.unsupported, "\(name): an array of records is not read", hint: "Save the vectors alone.")
        }
        descr = try string()
      case "fortran_order" where isFortran == nil: isFortran = try bool()
      case "shape" where shape == nil: shape = try tuple()
      default: throw refusal("the key \(key.quoted) is unknown or stands twice")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipBlanks()
    guard offset == bytes.count else { throw refusal("text after the closing brace") }
    guard let descr, let shape, let isFortran else { throw refusal("descr, fortran_order or shape is missing") }
    guard !isFortran || shape.count < 2 else {
      throw ImportError(
        .unsupported, "\(name): rows lie across the file (Fortran order)",
        hint: "Save it in C order: numpy.ascontiguousarray(array).")
    }
    return (descr, shape)
  }

  private mutating func skipBlanks() {
    while offset < bytes.count, bytes[offset] == 0x20 || bytes[offset] == 0x0A { offset += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(ImportError) {
    guard take(character) else { throw refusal("expected \(character)") }
  }

  private mutating func string() throws(ImportError) -> String {
    skipBlanks()
    guard offset < bytes.count, bytes[offset] == 0x27 || bytes[offset] == 0x22 else {
      throw refusal("expected a quote")
    }
    let quote = bytes[offset]
    offset += 1
    guard let end = bytes[offset...].firstIndex(of: quote) else { throw refusal("a string does not end") }
    defer { offset = end + 1 }
    let text = bytes[offset..<end]
    guard text.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw refusal("a string that is not plain text")
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func bool() throws(ImportError) -> Bool {
    skipBlanks()
    for (word, value) in [("True", true), ("False", false)] where bytes[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw refusal("expected True or False")
  }

  private mutating func tuple() throws(ImportError) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !take(")") {
      guard numbers.count < 32 else { throw refusal("more than 32 axes") }
      numbers.append(try number())
      if !take(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func number() throws(ImportError) -> Int {
    skipBlanks()
    let first = offset
    var value = 0
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
      let (product, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, overAgain) = product.addingReportingOverflow(Int(bytes[offset] - 0x30))
      guard !over, !overAgain else { throw refusal("a number that does not fit 63 bits") }
      value = sum
      offset += 1
    }
    guard offset > first else { throw refusal("expected a whole number from 0") }
    return value
  }
}
