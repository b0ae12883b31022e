// These use TypeScript's own API, which version 7 does not have: each gets the newest version that it supports.
const TYPESCRIPT = {
  'dependency-cruiser': '6.0.3',
  '@hey-api/openapi-ts': '6.0.3',
  'openapi-typescript': '5.9.3',
};

module.exports = {
  hooks: {
    readPackage(manifest) {
      const typescript = TYPESCRIPT[manifest.name];
      if (!typescript) return manifest;
      delete manifest.peerDependencies?.typescript;
      return { ...manifest, dependencies: { ...manifest.dependencies, typescript } };
    },
  },
};
