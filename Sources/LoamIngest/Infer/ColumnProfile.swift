import LoamSchema

/// What a sample says about one column.
struct ColumnProfile {
  /// Texts that are taken for "missing" wherever they are a whole field.
  static let markers: Set<String> = ["?", "NA", "N/A", "null", "NULL", "nan", "NaN", "\\N"]
  static let separators = ["|", ";", ",", "^", " "]

  let column: String
  let index: Int
  /// The column's name in lower case, without the type that RecBole writes behind it (`user_id:token`).
  let word: String
  let type: String?
  /// Some value was a JSON array; some value was a JSON object.
  let isArray: Bool
  let isStructure: Bool

  private(set) var present = 0
  private(set) var missing = 0
  private(set) var markers: Set<String> = []
  private(set) var counts: [String: Int] = [:]
  private(set) var isNumber = true
  private(set) var isInteger = true
  /// `007`: a number would lose the zeros.
  private(set) var hasLeadingZero = false
  private(set) var isTime = true
  private(set) var isCountingUp = true
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var letters = 0
  private(set) var separated: [String: Int] = [:]

  var distinct: Int { counts.count }
  var isUnique: Bool { distinct == present && present > 1 }
  var isZeroOne: Bool { present > 0 && Set(counts.keys).isSubset(of: ["0", "1"]) && distinct == 2 }

  init(column: String, index: Int, texts: some Sequence<String>, isArray: Bool = false, isStructure: Bool = false) {
    self.isArray = isArray
    self.isStructure = isStructure
    self.column = column
    self.index = index
    let parts = column.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    type = parts.count == 2 && ["token", "float", "token_seq", "float_seq"].contains(parts[1]) ? parts[1] : nil
    word = (type == nil ? column : parts[0]).lowercased()
    var last: Int?
    for text in texts {
      guard !text.isEmpty, !Self.markers.contains(text) else {
        missing += 1
        if !text.isEmpty { markers.insert(text) }
        continue
      }
      add(text)
      let number = Int(text)
      if let last, number != last + 1 { isCountingUp = false }
      last = number
      if number == nil { isCountingUp = false }
    }
    if present < 2 { isCountingUp = false }
  }

  private mutating func add(_ text: String) {
    present += 1
    letters += text.utf8.count
    counts[text, default: 0] += 1
    if isInteger {
      let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
      isInteger = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) } && Double(text) != nil
      if digits.count > 1, digits.first == "0" { hasLeadingZero = true }
    }
    if isNumber {
      if let number = Double(text), number.isFinite, !text.hasPrefix("0x") {
        minimum = min(minimum, number)
        maximum = max(maximum, number)
      } else {
        isNumber = false
      }
    }
    if isTime { isTime = Self.isISO8601(text) }
    for separator in Self.separators where text.contains(separator) { separated[separator, default: 0] += 1 }
  }

  /// `2019-11-24`, with or without a clock time behind it.
  static func isISO8601(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, bytes[4] == 45, bytes[7] == 45 else { return false }
    let digits = [0, 1, 2, 3, 5, 6, 8, 9].allSatisfy { (48...57).contains(bytes[$0]) }
    return digits && (bytes.count == 10 || bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "))
  }

  /// An unsigned integer that keeps its text as a 64-bit ID.
  var isIntegerID: Bool { isInteger && !hasLeadingZero && minimum >= 0 && maximum < Double(ID.largest) }

  /// Whether the name is one of these words, or has one between `_`, `-`, `.` or blanks.
  func isNamed(_ words: Set<String>) -> Bool {
    words.contains(word)
      || word.split(whereSeparator: { "_-. ".contains($0) }).contains { words.contains(String($0)) }
  }

  /// `integers 1 ... 943, 943 distinct in 10000, 12 missing`
  var evidence: String {
    let range = { "\(YAMLScalar.number(minimum)) ... \(YAMLScalar.number(maximum))" }
    let what =
      isInteger && present > 0 ? "integers \(range())" : isNumber && present > 0 ? "numbers \(range())" : "texts"
    let example = isNumber ? "" : counts.keys.min().map { " such as \(String($0.prefix(24)).debugDescription)" } ?? ""
    return "\(what)\(example), \(distinct) distinct in \(present)" + (missing > 0 ? ", \(missing) missing" : "")
  }
}
