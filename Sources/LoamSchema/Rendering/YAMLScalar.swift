/// How texts and numbers are written in a YAML file, so that reading them gives the same back.
public enum YAMLScalar {
  /// Plain where that is safe, else in double quotes.
  public static func text(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// The shortest form that reads back as the same number; without a fraction where there is none.
  public static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }

  static func isPlain(_ text: String) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" else { return false }
    guard text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }) else { return false }
    // Other readers of the file take these for truth values or nothing.
    return !["true", "false", "yes", "no", "on", "off", "y", "n", "null"].contains(text.lowercased())
      && NameRange(text) == nil
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _
      where scalar.value < 0x20 || (0x7f...0xa0).contains(scalar.value) || scalar.value == 0xfeff
        || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
