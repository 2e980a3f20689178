import LoamPack

public struct PackOptions: Sendable {
  /// The tag or alias under which the version was asked for; goes into the manifest.
  public var name: String?
  /// How vectors are stored. Weights and dense tensors are f32.
  public var type: PackType
  /// Store NaN and infinities as they are instead of refusing them.
  public var allowsNonfinite: Bool
  public var signingKey: PackSigningKey?

  public init(
    name: String? = nil, type: PackType = .f32, allowsNonfinite: Bool = false, signingKey: PackSigningKey? = nil
  ) {
    (self.name, self.type, self.allowsNonfinite, self.signingKey) = (name, type, allowsNonfinite, signingKey)
  }
}
