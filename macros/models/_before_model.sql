{#- Returns nothing: the pre-hook of every model. Refuses what would replace somebody else's view, and makes
    sure of the tables that the model reads. A model that is refused fails alone: the other nodes of a build
    are built, which they are not after an on-run-start that fails. -#}
{% macro _before_model() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do policy_workflow._check_vars(policy_workflow._setting_specs()) -%}
        {%- if model.sources -%}
            {%- set place = this.database ~ '.' ~ this.schema -%}
            {%- set rights = ['create ' ~ model.config.materialized ~ ' on schema ' ~ place] -%}
            {%- set schemas = [policy_workflow._schema_name(), place] | unique | list -%}
            {%- do policy_workflow._say_needed_grants(rights, schemas) -%}
        {%- endif -%}
        {%- set found = adapter.get_relation(this.database, this.schema, this.identifier) -%}
        {%- if found is not none -%}
            {%- do policy_workflow._check_own_view(found) -%}
        {%- endif -%}
        {%- if model.sources -%}
            {%- do policy_workflow._require_tables() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
