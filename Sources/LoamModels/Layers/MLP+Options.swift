/// The options of an MLP, as the models that have one list them. Every key may be absent.
extension MLP.Settings: ModelSettings {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case hidden, activation, dropout
    case batchNorm = "batch_norm"
  }

  public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    hidden = try container.decodeIfPresent([Int].self, forKey: .hidden) ?? hidden
    batchNorm = try container.decodeIfPresent(Bool.self, forKey: .batchNorm) ?? batchNorm
    dropout = try container.decodeIfPresent(Float.self, forKey: .dropout) ?? dropout
    if let text = try container.decodeIfPresent(String.self, forKey: .activation) {
      guard let known = Activation(rawValue: text) else {
        let names = Activation.allCases.map(\.rawValue).joined(separator: ", ")
        throw ModelError(.badOption, "activation is one of \(names), found \(text)")
      }
      activation = known
    }
    guard hidden.allSatisfy({ $0 > 0 }) else {
      throw ModelError(.badOption, "hidden widths are positive, found \(hidden)")
    }
    guard dropout >= 0, dropout < 1 else { throw ModelError(.badOption, "dropout is in [0, 1), found \(dropout)") }
  }
}
