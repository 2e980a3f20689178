public struct ExportOptions: Sendable {
  /// The tag or alias under which the version was asked for; goes into manifest and card.
  public var name: String?
  /// Store NaN and infinities as they are, counted in the manifest, instead of refusing them.
  public var allowsNonfinite: Bool
  /// An SPDX identifier for the model card.
  public var license: String?

  public init(name: String? = nil, allowsNonfinite: Bool = false, license: String? = nil) {
    self.name = name
    self.allowsNonfinite = allowsNonfinite
    self.license = license
  }
}
