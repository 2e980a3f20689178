/// The options of a model that has none.
public struct NoSettings: ModelSettings {
  public static var keys: [String] { [] }
}
