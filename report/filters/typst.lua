-- Markdown → Typst: PDF/UA-1 wants words for every picture and equation, which pandoc's writer leaves out.

local function quoted(text) return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"' end

-- TeX → words, in this order; enough for the inline formulas of the report (display formulas bring their own words).
local words = {
  { '\\lVert%s*(.-)%s*\\rVert', ' the norm of %1 ' }, { '\\mathcal%s*N', ' the normal distribution ' },
  { '\\mathbb%s*E', ' the expectation of ' }, { '\\sqrt{(.-)}', ' the square root of %1 ' },
  { '\\frac{(.-)}{(.-)}', ' %1 over %2 ' }, { '\\text{(.-)}', ' %1 ' }, { '\\top', ' transposed ' },
  { '\\sim', ' is distributed as ' }, { '\\approx', ' is about ' }, { '\\perp', ' perpendicular ' },
  { '\\max', ' max ' }, { '\\hat%s*(%a)', ' %1 hat ' }, { '%^2', ' squared ' }, { '%^%*', ' star ' }, { '%^T', ' to the power T ' },
  { '\\[,;: ]', ' ' }, { '\\q?quad', ', ' }, { '\\(%a+)', ' %1 ' }, { '_', ' ' }, { '[{}]', '' }, { '%s+', ' ' },
}

local function spoken(tex)
  for _, rule in ipairs(words) do tex = tex:gsub(rule[1], rule[2]) end
  return (tex:gsub('^%s+', ''):gsub('%s+$', ''))
end

-- citations are written out by citeproc already
local function typst(content) return (pandoc.write(pandoc.Pandoc(content), 'typst-citations'):gsub('%s+$', '')) end

local function math(element)
  local block = element.mathtype == 'DisplayMath' and 'true' or 'false'
  local body = typst { pandoc.Plain { element } }
  local alt = quoted(spoken(element.text))
  return pandoc.RawInline('typst', '#math.equation(block: ' .. block .. ', alt: ' .. alt .. ', ' .. body .. ')')
end

local function figure(div)
  local name = div.identifier:gsub('^fig%-', '')
  return pandoc.RawBlock('typst', '#figure(image("' .. name .. '.svg", width: 100%, alt: ' .. quoted(div.attributes.alt)
    .. '), caption: [' .. typst(div.content) .. '])<' .. div.identifier .. '>')
end

local function equation(div)
  local tex
  div:walk { Math = function(element) tex = element end }
  local alt = quoted(div.attributes.words)
  return pandoc.RawBlock('typst', '#numbered([(' .. div.attributes.number .. ')], math.equation(block: true, alt: ' .. alt
    .. ', ' .. typst { pandoc.Plain { tex } } .. '))<' .. div.identifier .. '>')
end

return {
  {
    Div = function(div)
      if div.classes:includes 'web' then return {} end
      if div.classes:includes 'equation' then return equation(div) end
    end,
    Link = function(link) -- files that only the page carries
      if link.target:match '^download:' then return {} end
    end,
  },
  { Math = math },
  {
    Div = function(div)
      if div.classes:includes 'figure' then return figure(div) end
      for _, class in ipairs { 'findings', 'finding', 'status', 'provenance' } do
        if div.classes:includes(class) then
          return { pandoc.RawBlock('typst', '#' .. class .. '['), div, pandoc.RawBlock('typst', ']') }
        end
      end
    end,
  },
}
