-- Markdown → HTML: inline figures with their values, explorers, numbered equations, tables that scroll by themselves
-- and the ledger's rows by name. FILES, given as metadata, is a folder: figures made ready for inlining as NAME.svg,
-- their marks and the explorers' data as NAME.json.

local folder
local known = {} -- identifiers

local function read(name)
  local file = io.open(folder .. '/' .. name, 'r')
  if not file then return nil end
  local text = file:read 'a'
  file:close()
  return text
end

local function data(name)
  local text = read(name .. '.json')
  return text and pandoc.RawBlock('html', '<script type="application/json">' .. text .. '</script>')
end

local function scrolling(class, label, content)
  local attributes = { { 'tabindex', '0' }, { 'role', 'group' }, { 'aria-label', label } }
  return pandoc.Div(content, pandoc.Attr('', { class }, attributes))
end

local function figure(div)
  local name = div.identifier:gsub('^fig%-', '')
  return {
    pandoc.RawBlock('html', '<figure id="' .. div.identifier .. '">'),
    scrolling('plot', div.attributes.label .. ', drawing', { pandoc.RawBlock('html', assert(read(name .. '.svg'))) }),
    data(name),
    pandoc.RawBlock('html', '<figcaption>'),
    pandoc.Div(div.content),
    pandoc.RawBlock('html', '</figcaption></figure>'),
  }
end

-- Hidden until the script has built it; left out where the study lacks its data.
local function explorer(div)
  local stored = data(div.identifier)
  if not stored then return {} end
  local attributes = { { 'role', 'group' }, { 'aria-label', div.attributes.label }, { 'hidden', '' } }
  div.content:insert(stored)
  return pandoc.Div(div.content, pandoc.Attr(div.identifier, { 'explorer' }, attributes))
end

local function equation(div)
  local number = pandoc.Span('(' .. div.attributes.number .. ')', pandoc.Attr('', { 'number' }))
  div.content:insert(pandoc.Plain { number })
  local attributes =
    { { 'tabindex', '0' }, { 'role', 'group' }, { 'aria-label', 'Equation ' .. div.attributes.number } }
  return pandoc.Div(div.content, pandoc.Attr(div.identifier, { 'equation' }, attributes))
end

local verdicts = { supported = true, qualified = true, contradicted = true, inconclusive = true }

local function marked(verdict) return pandoc.Span(verdict, pandoc.Attr('', { 'verdict', verdict })) end

-- Every claim of the ledger can be linked to, as #claim-c10, leads to its full account and has its verdict marked.
local function ledger(div)
  return div:walk {
    Table = function(table)
      for _, row in ipairs(table.bodies[1].body) do
        local id = pandoc.utils.stringify(row.cells[1].contents)
        row.attr = pandoc.Attr('claim-' .. id)
        local full = 'full-' .. id
        row.cells[1].contents = { pandoc.Plain { pandoc.Link(id, '#' .. (known[full] and full or row.attr.identifier)) } }
        for _, cell in ipairs(row.cells) do
          local words = pandoc.utils.stringify(cell.contents)
          if verdicts[words] then cell.contents = { pandoc.Plain { marked(words) } } end
        end
      end
      return table
    end,
  }
end

return {
  {
    Meta = function(meta) folder = pandoc.utils.stringify(meta.files) end,
    Div = function(div) known[div.identifier] = true end,
  },
  { Div = function(div) if div.identifier == 'tbl-claims' then return ledger(div) end end },
  {
    Div = function(div)
      if div.classes:includes 'figure' then return figure(div) end
      if div.classes:includes 'explorer' then return explorer(div) end
      if div.classes:includes 'equation' then return equation(div) end
    end,
    Span = function(span)
      local words = pandoc.utils.stringify(span)
      if span.classes:includes 'verdict' and verdicts[words] then return marked(words) end
    end,
    Table = function(table)
      local label = pandoc.utils.stringify(table.caption.long):match('^%a+ %d+') or 'Table'
      return scrolling('wide', label, { table })
    end,
  },
}
