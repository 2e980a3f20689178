/// Legal names for columns that may have any, each given once.
struct FieldNames {
  private var taken: Set<String> = []

  /// `user_id` for `user_id:token`, `zip_code` for `zip code`; a number is added where the name is taken.
  mutating func name(for profile: ColumnProfile) -> String {
    let column = profile.type == nil ? profile.column : String(profile.column.prefix { $0 != ":" })
    return claim(Self.legal(column))
  }

  mutating func claim(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(wanted.prefix(120))_\(number)"
      number += 1
    }
    return name
  }

  static func legal(_ text: String) -> String {
    let letters = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) ? $0 : "_" }
    return letters.isEmpty ? "unnamed" : String(letters.prefix(128))
  }
}
