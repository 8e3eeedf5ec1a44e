// The thinnest honest tool on ltijs: one page that shows who came. State and session are stored in PostgreSQL.
//
// Arguments, as JSON: port, database (host, port, user, name), client, platforms [{url, jwks}].
const { Provider } = require('ltijs')
const Database = require('ltijs-sequelize')

const given = JSON.parse(process.argv[2])
const { host, port, user, name } = given.database

const database = new Database(name, user, 'none', {
  host, port, dialect: 'postgres', logging: false, pool: { max: 16, min: 4 }
})
Provider.setup('a-key-of-the-benchmark', { plugin: database }, { devMode: false, cookies: { secure: false } })

Provider.onConnect((token, _req, res) => {
  const who = String(token.userInfo.name).replace(/[&<>"]/g, '')
  return res.send(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tool</title></head>` +
    `<body><h1>Welcome ${who}</h1><p>${token.platformContext.context.title}</p></body></html>`)
})

const start = async () => {
  await Provider.deploy({ port: given.port, silent: true })
  for (const platform of given.platforms) {
    await Provider.registerPlatform({
      url: platform.url,
      name: platform.url,
      clientId: given.client,
      authenticationEndpoint: `${platform.url}/auth`,
      accesstokenEndpoint: `${platform.url}/token`,
      authConfig: { method: 'JWK_SET', key: platform.jwks }
    })
  }
  console.log('ready')
}

start()
