import LoamStore

/// Names as SQL has them: letters, digits and `_`, so that nobody has to quote.
enum SQLNames {
  /// `ids:item` is `ids_item`, `embedding:ctr/item` is `embedding_ctr_item`, `label/click` is `label_click`.
  static func name(_ text: String) -> String {
    let name = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return name.first.map { $0.isNumber } ?? true ? "_" + name : name
  }

  /// The same, and different from the names before it: the second `a_b` is `a_b_2`.
  static func unique(_ texts: [String], after taken: [String] = []) -> [String] {
    // SQLite's names know no case.
    var known = Set(taken.map { $0.lowercased() })
    return texts.map { text in
      let plain = name(text)
      var (name, number) = (plain, 2)
      while !known.insert(name.lowercased()).inserted {
        name = "\(plain)_\(number)"
        number += 1
      }
      return name
    }
  }

  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
  static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

  /// An argument of CREATE VIRTUAL TABLE, which SQLite hands over as it was written.
  static func unquoted(_ argument: String) -> String {
    guard let quote = argument.first, argument.count >= 2, "'\"`".contains(quote), argument.last == quote else {
      return argument
    }
    return String(argument.dropFirst().dropLast()).replacing("\(quote)\(quote)", with: "\(quote)")
  }

  static func declaration(_ columns: [SQLColumn]) -> String {
    let texts = columns.map { "\(quoted($0.name)) \($0.type)\($0.isHidden ? " HIDDEN" : "")" }
    return "CREATE TABLE x(\(texts.joined(separator: ", ")))"
  }
}
