/// The options of a model that has none.
struct NoSettings: ModelSettings {
  static var keys: [String] { [] }
}
