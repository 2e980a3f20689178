import LoamSchema

/// The models by name.
public enum ModelRegistry {
  static let models: [any Model.Type] = [
    LogisticRegression.self, FactorizationMachine.self, DeepFM.self, WideDeep.self, DLRM.self, DCNv2.self,
    FinalMLP.self, MaskNet.self, AutoInt.self, FiBiNET.self, DIN.self, SASRec.self, MMoE.self, PLE.self, DHEN.self,
  ]

  public static var names: [String] { models.map { $0.name } }

  public static func model(named name: String) -> (any Model.Type)? { models.first { $0.name == name } }

  public static func make(
    name: String, shape: ModelShape, options: ModelOptions = ModelOptions(), seed: UInt64
  ) throws(ModelError) -> any Model {
    guard let model = model(named: name) else {
      throw ModelError(
        .unknownModel, "no model is named \(name)", hint: "The models are \(names.joined(separator: ", ")).")
    }
    return try model.init(shape: shape, options: options, seed: seed)
  }
}
