import LoamKernels
import LoamSchema
import LoamStore

/// How the IDs of one space are written in SQL: numbers, or the strings that they were made from.
///
/// ```
///   integer space   7             18446744073709551600 as text: SQLite's integers end at 2^63 - 1
///   string space    'ann'         '#1234' where the dictionary has no string
///   both            ':missing'    ':unknown'
/// ```
final class IDNaming {
  let space: String
  let isString: Bool
  private let dictionary: IDTableReader?

  init(space: String, isString: Bool, _ dictionary: IDTableReader?) {
    (self.space, self.isString, self.dictionary) = (space, isString, dictionary)
  }

  /// The ID that a value stands for; `nil`: none that a row could have.
  func id(_ value: SQLValue) -> ID? {
    switch value {
    case .null, .blob: nil
    case .integer(let number): isString ? hash("\(number)") : ID(exactly: number)
    case .real(let number): isString ? nil : ID(exactly: number)
    case .text(let text): id(text)
    }
  }

  private func id(_ text: String) -> ID? {
    switch text {
    case ":missing": .missing
    case ":unknown": .unknown
    default: isString ? (text.hasPrefix("#") ? ID(text.dropFirst()) : nil) ?? hash(text) : ID(text)
    }
  }

  private func hash(_ text: String) -> ID {
    var text = text
    return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
  }

  func value(_ id: ID) throws(SQLError) -> SQLValue {
    switch id {
    case .missing: return .text(":missing")
    case .unknown: return .text(":unknown")
    default: break
    }
    guard isString else { return Int64(exactly: id).map(SQLValue.integer) ?? .text("\(id)") }
    guard let dictionary else { return .text("#\(id)") }
    let string = try SQLError.passing { () throws(StoreError) in
      let row = try dictionary.find(id)
      return row.isNone ? nil : try dictionary.string(of: row)
    }
    return .text(string ?? "#\(id)")
  }
}
